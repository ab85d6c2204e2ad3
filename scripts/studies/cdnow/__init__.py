"""A walk through the best-known file of the field, each figure beside the one that was printed."""
