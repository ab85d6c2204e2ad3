"""Measurements, a package each, run by `make` targets from a clone; no part of the product."""
