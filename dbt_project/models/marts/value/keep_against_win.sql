{{ config(materialized="view") }}

select
    as_of,
    spend,
    newcomers,
    won,
    cost_per_won,
    cost_per_won_low,
    cost_per_won_high,
    contact_cost,
    treated,
    held_out,
    kept,
    kept_low,
    kept_high,
    cost_per_kept,
    cost_per_kept_low,
    cost_per_kept_high,
    times,
    times_low,
    times_high,
    verdict,
    measured_since
from {{ source('scores', 'keep_against_win') }}
where as_of = {{ as_of() }}
