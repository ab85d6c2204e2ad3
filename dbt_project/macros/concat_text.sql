{#- Pieces of text one after the other; an unknown piece is left out instead of making all null. -#}
{% macro concat_text(pieces) -%}
    {{ return(adapter.dispatch('concat_text', 'regulars')(pieces)) }}
{%- endmacro %}

{% macro default__concat_text(pieces) -%}
    concat({{ pieces | join(', ') }})
{%- endmacro %}
