"""Can anything beat the night's model? Challengers at rolling origins, never tuned on a hold-out.

  companies      the data: CDNOW, Online Retail, sample companies of several worlds
  first_orders   what their files tell of first orders: service and channel
  windows        a company cut at an origin: what was known, what followed
  forecasts      the night's candidates, and counts with a distribution of their own
  multipliers    challengers that stretch the champion's time: season, level, first-order value
  calendar_time  the champion in a time that runs by seasons of the calendar
  covariates     the night's models with what was known of first orders
  learners       challengers that learn from earlier windows: blends, gradient boosting
  scores         every figure with its error, customers drawn once for all origins
  page           the tables in docs/studies/challengers.md

What a challenger learns, it learns from what was known at the origin: from its histories, or from
windows whose hold-out had ended there.
"""
