"""Do the intervals of `list_results` cover, and how wide are they beside the usual estimators?"""
