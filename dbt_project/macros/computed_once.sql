{#- Between `as` and the bracket of a step whose columns later steps use many times: PostgreSQL would
    write the expressions of an ordinary step out again wherever one of its columns is named. -#}
{% macro computed_once() -%}
    {{ return(adapter.dispatch('computed_once', 'regulars')()) }}
{%- endmacro %}

{% macro default__computed_once() -%}
    materialized
{%- endmacro %}
