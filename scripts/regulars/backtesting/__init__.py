"""Fit on a past, judge by what followed: one judge for the night and for any file.

origins     where to cut
past        what was known at an origin, and what followed
rules       the plain rules that stand beside every model
candidates  the models, and how they are fitted
evaluation  forecasts of all of them, and their metrics
champion    which model scores the night
"""
