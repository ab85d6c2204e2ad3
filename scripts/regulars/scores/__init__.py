"""What a night scores: models fitted or replayed, and every distinct history valued."""
