{#- The active systems that supply an entity, in the order of the variable `systems`. -#}
{% macro systems_with(entity) -%}
    {%- set found = [] -%}
    {%- for system in var('systems') if entity in var('system_entities')[system] -%}
        {%- do found.append(system) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
