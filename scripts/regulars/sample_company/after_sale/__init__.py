"""What becomes of people and things after the sale, and the nine feeds that tell of it."""
