-- An account is taken apart from others, and put with one, at one instant: each word is about its
-- two accounts. Of several that it is merged into then, the last to come is the correction.
{%- set declaration = feed_declaration('house', 'identities') %}
with delivered as (

    select * from {{ source('house', 'identities') }}

),

deliveries as (

    select
        delivery_id,
        delivery_rank
    from {{ ref('stg_deliveries') }}
    where feed = 'identities'

),

ranked as (

    select
        delivered.*,
        row_number() over (
            partition by delivered.old_customer_id, delivered.customer_id, delivered.changed_at
            order by {{ newest_version_first(declaration) }}
        ) as place,
        row_number() over (
            partition by delivered.old_customer_id, delivered.changed_at
            order by {{ newest_version_first(declaration) }}
        ) as place_in_instant
    from delivered
    inner join deliveries on delivered._delivery_id = deliveries.delivery_id

),

words as (

    select
        ranked.*,
        row_number() over (
            partition by old_customer_id, changed_at, is_merged
            order by place_in_instant asc nulls last
        ) as place_in_kind
    from ranked
    where place = 1

)

select
    old_customer_id,
    customer_id,
    is_merged,
    changed_at
from words
where place_in_kind = 1 or not is_merged
