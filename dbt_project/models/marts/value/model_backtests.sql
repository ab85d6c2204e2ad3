select
    as_of,
    model,
    metric,
    value
from {{ source('scores', 'model_backtests') }}
where as_of = {{ as_of() }}
