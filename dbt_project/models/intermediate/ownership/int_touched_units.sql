{{ config(post_hook="{{ analyze() }}") }}

{#- References stand before the branches, so that dbt sees them whichever branch a night takes. -#}
{%- set moved = moved_accounts() -%}
{%- set versions_now = union_systems('unit_versions', of='accounts') -%}
{%- set rows_now = union_systems('units', of='accounts') -%}
{%- set changes = union_systems('unit_changes') -%}
{%- set turns_before = built_before('intermediate', 'int_unit_turns') -%}
{%- set touched_before = built_before('intermediate', 'int_touched_units') -%}
{%- set silent = systems_with('units') | reject('in', systems_with('unit_changes')) | list -%}

{% if not turns_before -%}

-- A full build writes all units.
select
    cast(null as {{ dbt.type_string() }}) as unit_id,
    cast(null as date) as touched_on
where 1 = 0

{%- elif not silent -%}

with versions_now as (

    {{ versions_now }}

),

changed as (

    {{ changes }}

),

turns_before as (

    select * from {{ turns_before }}

),

-- What waited for its day is later than the last build, if that touched a unit, and than every day
-- that it counted.
days_counted as (

    {% for column in ['bought_on', 'registered_on', 'last_serviced_on', 'retired_on'] -%}
    select coalesce(max({{ column }}), cast('0001-01-01' as date)) as on_day
    from turns_before
    {{ 'union all' if not loop.last }}
    {% endfor -%}
    {%- if touched_before %}
    union all
    select coalesce(max(touched_on), cast('0001-01-01' as date)) as on_day
    from {{ touched_before }}
    {%- endif %}

),

counted as (

    select max(on_day) as until_on from days_counted

),

due as (

    select
        versions_now.product_id,
        versions_now.serial
    from versions_now
    cross join counted
    where
        versions_now.bought_on > counted.until_on
        or versions_now.registered_on > counted.until_on
        or versions_now.last_serviced_on > counted.until_on
        or versions_now.retired_on > counted.until_on

),

-- Whoever merged or was taken apart, under the names that they had.
moved as (

    {{ moved }}

),

of_moved as (

    select turns_before.unit_id
    from turns_before
    where
        turns_before.customer_id in (select moved.account_id from moved)
        or turns_before.customer_id in (select moved.customer_id_before from moved)

),

touched as (

    select {{ unit_id('product_id', 'serial') }} as unit_id
    from changed
    union
    select {{ unit_id('product_id', 'serial') }} as unit_id
    from due
    union
    select unit_id from of_moved

)

select
    unit_id,
    {{ as_of() }} as touched_on
from touched

{%- else -%}

-- A system that does not say what changed: all of them.
select
    all_of_them.unit_id,
    {{ as_of() }} as touched_on
from (
    select unit_id from {{ turns_before }}
    union
    select {{ unit_id('product_id', 'serial') }} as unit_id
    from ({{ versions_now }}) as versions_now
    union
    select {{ unit_id('product_id', 'serial') }} as unit_id
    from ({{ rows_now }}) as rows_now
) as all_of_them

{%- endif %}
