"""Feeds: what other systems deliver, from the landing folder into schema raw."""
