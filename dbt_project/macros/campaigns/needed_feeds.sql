{#- [list, feed] of every feed that a list's claim needs, in order of lists. -#}
{% macro needed_feeds() -%}
    {%- set pairs = [] -%}
    {%- for list_code in (var('lists') if execute else []) -%}
        {%- for feed in (regulars.list_definition(list_code).needed_feeds or '').split() -%}
            {%- do pairs.append([list_code, feed]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(pairs) }}
{%- endmacro %}
