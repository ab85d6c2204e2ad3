select
    as_of,
    run_id,
    model,
    fitted_on,
    parameter,
    value,
    standard_error
from {{ source('scores', 'model_parameters') }}
where as_of = {{ as_of() }}
