{#- Fresh statistics after a table was written whole, so that the next query is planned with
    them; after a small night yesterday's are good enough. Of the `columns` that later queries join,
    filter or group by, or of all: to look at sentences, JSON and sums that nobody compares may take
    longer than to write them. -#}
{% macro analyze(columns=none) -%}
    {{ return(adapter.dispatch('analyze', 'regulars')(columns)) }}
{%- endmacro %}

{% macro default__analyze(columns) -%}
    {%- if not is_incremental() -%}
    analyze {{ this }}{{ ' (' ~ columns | join(', ') ~ ')' if columns }}
    {%- endif -%}
{%- endmacro %}
