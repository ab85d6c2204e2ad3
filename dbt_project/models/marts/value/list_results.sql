select
    list_code,
    period,
    stratum,
    as_of,
    eligible,
    treated,
    held_out,
    margin_per_head_treated,
    margin_per_head_held_out,
    lift,
    lift_low,
    lift_high,
    shrunken_lift,
    smallest_detectable_lift,
    detectable_on,
    verdict,
    contacts,
    opt_outs_per_thousand,
    complaints,
    cost,
    net_return
from {{ source('scores', 'list_results') }}
where as_of = {{ as_of() }}
