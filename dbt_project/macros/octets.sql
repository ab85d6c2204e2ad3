{#- How many octets a text takes in UTF-8: as many as it has letters, if all are ASCII.

        octets("'Ç'")   2 -#}
{% macro octets(expression) -%}
    {{ return(adapter.dispatch('octets', 'regulars')(expression)) }}
{%- endmacro %}

{% macro default__octets(expression) -%}
    octet_length({{ expression }})
{%- endmacro %}
