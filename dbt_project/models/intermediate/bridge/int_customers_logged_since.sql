{{ config(post_hook="{{ analyze() }}") }}

{#- References stand before the branches, so that dbt sees them whichever branch a night takes. -#}
{%- set logged = source('decisions', 'effective_customer_value_inputs') -%}
{%- set inputs_before = built_before('intermediate', 'int_customer_value_inputs_before') -%}

{% if not inputs_before -%}

-- A full build reads the whole log.
select cast(null as {{ dbt.type_string() }}) as customer_id
where 1 = 0

{%- else -%}

-- The last build read all up to the newest word that it kept, if not further: a log only grows.
select distinct logged.customer_id
from {{ logged }} as logged
where
    logged.as_of < {{ as_of() }}
    and logged.as_of > (
        select coalesce(max(inputs_before.logged_on), cast('0001-01-01' as date))
        from {{ inputs_before }} as inputs_before
    )

{%- endif %}
