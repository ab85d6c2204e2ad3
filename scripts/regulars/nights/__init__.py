"""Whole nights: the steps in order, running them one at a time, and building a past one again."""
