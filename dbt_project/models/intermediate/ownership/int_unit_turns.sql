{%- set untold = systems_with('units') | reject('in', systems_with('unit_versions')) | list -%}
{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched('unit_id', 'int_touched_units') }}",
    post_hook="{{ analyze(['unit_id', 'order_id', 'is_last']) }}",
    indexes=[{"columns": ["unit_id"]}, {"columns": ["customer_id"]}],
) }}

-- Whose a unit was, one person after the other: each one's last word of it. What a row says of a
-- later day waits for it, and so does a row that begins with one.
with all_rows as (

    {{ union_systems('units') }}

),

all_versions as (

    {{ union_systems('unit_versions') }}

),

current_rows as (

    select * from all_rows
    where {{ only_touched_units() }}

),

versions as (

    select * from all_versions
    where {{ only_touched_units() }}

),

told_units as (

    select distinct
        product_id,
        serial
    from versions

),

delivered as (

    select
        product_id,
        serial,
        customer_id,
        order_id,
        bought_on,
        registered_on,
        warranty_ends_on,
        last_serviced_on,
        next_service_due_on,
        retired_on,
        retired_how,
        {{ local_date('version_at') }} as known_on,
        version_at
    from versions
    union all
    -- of a system that tells no versions: today's row alone; where all tell, none are looked for
    select
        current_rows.product_id,
        current_rows.serial,
        current_rows.customer_id,
        current_rows.order_id,
        current_rows.bought_on,
        current_rows.registered_on,
        current_rows.warranty_ends_on,
        current_rows.last_serviced_on,
        current_rows.next_service_due_on,
        current_rows.retired_on,
        current_rows.retired_how,
        cast(null as date) as known_on,
        cast(null as {{ type_instant() }}) as version_at
    from current_rows
    left join told_units
        on
            current_rows.product_id = told_units.product_id
            and current_rows.serial = told_units.serial
    where {{ 'told_units.serial is null' if untold else '1 = 0' }}

),

begun as (

    select
        delivered.*,
        {{ unit_id('product_id', 'serial') }} as unit_id
    from delivered
    where coalesce(bought_on, registered_on, {{ as_of() }}) <= {{ as_of() }}

),

-- A version that names nobody leaves the unit with whom the last one named.
named as (

    select
        begun.*,
        row_number() over (
            partition by unit_id order by version_at asc nulls last
        ) as version_no,
        lag(customer_id) over (
            partition by unit_id, case when customer_id is not null then 1 end
            order by version_at asc nulls last
        ) as previous_owner_id
    from begun

),

in_turns as (

    select
        named.*,
        sum(
            case
                when version_no = 1 or customer_id <> coalesce(previous_owner_id, '') then 1
                else 0
            end
        ) over (
            partition by unit_id order by version_no asc nulls last
        ) as owner_no
    from named

),

last_words as (

    select
        in_turns.*,
        max(customer_id) over (partition by unit_id, owner_no) as owner_id,
        min(known_on) over (partition by unit_id, owner_no) as first_known_on,
        max(owner_no) over (partition by unit_id) as owners,
        row_number() over (
            partition by unit_id, owner_no order by version_no desc nulls last
        ) as place
    from in_turns

),

final as (

    select
        ---------- ids
        unit_id,
        cast(owner_no as integer) as owner_no,
        owner_no = owners as is_last,
        product_id,
        serial,
        owner_id as customer_id,
        order_id,

        ---------- dates
        first_known_on,
        bought_on,
        case when registered_on <= {{ as_of() }} then registered_on end as registered_on,
        warranty_ends_on,
        case when last_serviced_on <= {{ as_of() }} then last_serviced_on end as last_serviced_on,
        next_service_due_on,
        case when retired_on <= {{ as_of() }} then retired_on end as retired_on,

        ---------- properties
        case when coalesce(retired_on, {{ as_of() }}) <= {{ as_of() }} then retired_how end
            as retired_how
    from last_words
    where place = 1

)

select * from final
