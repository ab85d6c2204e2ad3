select
    as_of,
    origin,
    holdout_days,
    model,
    metric,
    value,
    standard_error,
    reference,
    difference,
    difference_error
from {{ source('scores', 'model_backtests') }}
where as_of = {{ as_of() }}
