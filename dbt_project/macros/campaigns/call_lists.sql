{#- The service lists by telephone, in the order in which they get a person. -#}
{% macro call_lists() -%}
    {%- set in_turn = [] -%}
    {%- for code in (var('lists') if execute else []) -%}
        {%- set list = regulars.list_definition(code) -%}
        {%- if list['class'] == 'service' and list.channel == 'phone' -%}
            {%- do in_turn.append([list.priority, code]) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(in_turn | sort | map('last') | list) }}
{%- endmacro %}
