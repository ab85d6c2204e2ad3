"""What the same night costs on each engine, and what Spark's event log says of it."""
