select
    list_code,
    stratum,
    as_of,
    assumed_effect,
    effect,
    measured_weight
from {{ source('scores', 'list_effects') }}
where as_of = {{ as_of() }}
