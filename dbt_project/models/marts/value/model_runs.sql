select
    as_of,
    run_id,
    model,
    fitted_on,
    is_champion,
    choice,
    log_likelihood,
    customers,
    histories,
    converged,
    warnings,
    library_versions,
    first_purchase_on_min,
    last_purchase_on_max
from {{ source('scores', 'model_runs') }}
where as_of = {{ as_of() }}
