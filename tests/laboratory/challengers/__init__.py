"""Can anything beat the night's model? Challengers at rolling origins, never tuned on a hold-out.

  companies    the data: CDNOW, Online Retail, sample companies of several worlds
  windows      a company cut at an origin: what was known, what followed
  forecasts    the night's candidates, and counts with a law of their own
  multipliers  challengers that stretch the champion's time: season, level, first-order value
  learners     challengers that learn from earlier windows: blends, gradient boosting
  scores       every figure with its error, customers drawn once for all origins
  page         the tables in docs/clv-methods.md

What a challenger learns, it learns from windows whose hold-out had ended at the origin judged.
"""
