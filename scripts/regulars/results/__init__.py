"""What a list has earned: from assigned households to an effect with its interval. Arrays only.

assigned   the households of one list: arm, stratum, outcome, what was known before
effect     treated less held out, adjusted, with a studentised interval
announced  an interval that holds however often one looks
shrunken   a stratum's effect drawn towards the list's
believed   what a contact is taken to change: as assumed, then as measured
keep_against_win   what it costs to keep a customer, beside winning one
"""
