{{ config(materialized="view") }}

select
    customer_id,

    ---------- points
    balance,
    {% for kind in ['earned', 'spent', 'expired', 'reversed'] -%}
    points_{{ kind }},
    {% endfor -%}
    last_booked_on,

    ---------- what lapses
    points_expire_on,
    points_expiring,
    points_expiring_30d,

    ---------- tier of the programme
    tier_points,
    loyalty_tier,
    points_to_next_tier
from {{ ref('int_customer_points') }}
