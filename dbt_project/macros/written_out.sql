{#- The numbers that a query of one column gives, for `in (…)`: written out while they are few, because
    a planner that sees them knows how few rows they stand for, and a sub-query tells it nothing. -#}
{% macro written_out(query) -%}
    {%- set numbers = run_query(query).columns[0].values() if execute else [] -%}
    {%- if not execute or numbers | length > 200 -%}
        {{ query }}
    {%- else -%}
        {{ numbers | sort | join(', ') or 'null' }}
    {%- endif -%}
{%- endmacro %}
