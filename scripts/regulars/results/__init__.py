"""What a list has earned: from assigned households to an effect with its interval. Arrays only.

assigned   the households of one list: arm, stratum, outcome, what was known before
effect     treated less held out, adjusted, with a studentised interval
announced  an interval that holds however often one looks
shrunken   a stratum's effect drawn towards the list's
"""
