select
    as_of,
    run_id,
    model,
    fitted_on,
    parameter,
    value
from {{ source('scores', 'model_parameters') }}
where as_of = {{ as_of() }}
