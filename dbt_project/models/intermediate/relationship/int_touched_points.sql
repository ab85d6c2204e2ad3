{{ config(post_hook="{{ analyze() }}") }}

{#- References stand before the branches, so that dbt sees them whichever branch a night takes. -#}
{%- set touched_now = ref('int_touched_customers') -%}
{%- set points_before = built_before('intermediate', 'int_customer_points') -%}

{% if not points_before -%}

-- A full build writes everybody.
select cast(null as {{ dbt.type_string() }}) as customer_id
where 1 = 0

{%- else -%}

select source_customer_id as customer_id
from {{ touched_now }}
union
select customer_id
from {{ points_before }}
where changes_on <= {{ as_of() }}

{%- endif %}
