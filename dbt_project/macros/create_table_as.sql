{#- dbt's own way with an enforced contract is an empty table and an insert, which PostgreSQL
    never runs in parallel. A table made from its query has the same columns: dbt has just
    compared them with the contract. Constraints other than columns and types are tests here. -#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- set header = config.get('sql_header', none) -%}
    {%- set contract = config.get('contract') -%}
    {{ header if header is not none }}
    {%- if contract.enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {%- set sql = get_select_subquery(sql) -%}
    {%- endif %}
    create {{ 'temporary ' if temporary }}{{ 'unlogged ' if config.get('unlogged', false) and not temporary }}table
    {{ relation }} as (
        {{ sql }}
    );
{%- endmacro %}
