{#- Whether anybody delivers service cases: where nobody does, that there is none is no fact. -#}
{% macro are_cases_told() -%}
    {{ return(regulars.systems_with('cases') and 'cases' not in var('feeds_off', [])) }}
{%- endmacro %}
