{#- The ids of tonight's deliveries, for `in (…)`: written out while they are few, because a planner
    that sees them knows how few rows they brought, and a sub-query tells it nothing. -#}
{% macro new_deliveries() -%}
    {%- set query -%}
        select delivery_id from {{ ref('stg_deliveries') }} where is_new
    {%- endset -%}
    {%- set ids = run_query(query).columns[0].values() if execute else [] -%}
    {%- if 0 < ids | length <= 200 -%}
        {{ ids | sort | join(', ') }}
    {%- else -%}
        {{ query }}
    {%- endif -%}
{%- endmacro %}
