{#- dbt's own way with an enforced contract is an empty table and an insert, which PostgreSQL
    never runs in parallel. A table made from its query has the same columns: dbt has just
    compared them with the contract. Constraints other than columns and types are tests here.
    Tomorrow's build drops a table that is written whole: to vacuum and analyse it behind the night's
    back is work for nobody. -#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- set header = config.get('sql_header', none) -%}
    {%- set contract = config.get('contract') -%}
    {%- set is_of_one_night = config.get('materialized') == 'table' and not temporary -%}
    {{ header if header is not none }}
    {%- if contract.enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {%- set sql = get_select_subquery(sql) -%}
    {%- endif %}
    create {{ 'temporary ' if temporary }}{{ 'unlogged ' if config.get('unlogged', false) and not temporary }}table
    {{ relation }} {{ 'with (autovacuum_enabled = false) ' if is_of_one_night }}as (
        {{ sql }}
    );
{%- endmacro %}
