{#- Fresh statistics after a table was written whole, so that the next query is planned with
    them; after a small night yesterday's are good enough. -#}
{% macro analyze() -%}
    {{ return(adapter.dispatch('analyze', 'regulars')()) }}
{%- endmacro %}

{% macro default__analyze() -%}
    {%- if not is_incremental() -%} analyze {{ this }} {%- endif -%}
{%- endmacro %}
