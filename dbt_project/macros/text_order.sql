{#- A text to order by, byte by byte: the same on every server, whatever its locale. -#}
{% macro text_order(expression) -%}
    {{ return(adapter.dispatch('text_order', 'regulars')(expression)) }}
{%- endmacro %}

{% macro default__text_order(expression) -%}
    {{ expression }} collate "C"
{%- endmacro %}
