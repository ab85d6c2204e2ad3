{{ config(
    materialized="incremental",
    incremental_strategy="delete+insert",
    unique_key=["product_id", "serial"],
    on_schema_change="fail",
    indexes=[{"columns": ["product_id", "serial"]}],
    post_hook="{{ analyze() }}",
) }}

-- Every version of a unit that was ever delivered: whose it was, and since when that was known. A
-- row delivered again under the same instant replaces the earlier one.
{%- set declaration = feed_declaration('house', 'units') %}
with delivered as (

    select * from {{ source('house', 'units') }}

),

deliveries as (

    select
        delivery_id,
        delivery_rank
    from {{ ref('stg_deliveries') }}
    where feed = 'units'

),

{% if is_incremental() -%}
changed as (

    select distinct
        product_id,
        serial
    from {{ source('house', 'units') }}
    where _delivery_id in ({{ new_deliveries() }})

),

{% endif -%}
ranked as (

    select
        delivered.*,
        row_number() over (
            partition by delivered.product_id, delivered.serial, delivered.updated_at
            order by {{ newest_version_first(declaration) }}
        ) as place
    from delivered
    inner join deliveries on delivered._delivery_id = deliveries.delivery_id
    {%- if is_incremental() %}
    inner join changed
        on
            delivered.product_id = changed.product_id
            and delivered.serial = changed.serial
    {%- endif %}

)

select
    ---------- ids
    product_id,
    serial,
    customer_id,
    order_id,

    ---------- dates
    bought_on,
    registered_on,
    warranty_ends_on,
    last_serviced_on,
    next_service_due_on,
    retired_on,

    ---------- properties
    retired_how,

    ---------- its place among the versions
    updated_at as version_at
from ranked
where place = 1
