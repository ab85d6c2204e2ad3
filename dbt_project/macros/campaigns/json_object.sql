{#
Named values as one JSON object that keeps their types; the same values give the same text.

    pairs  list of [name, expression]

    json_object([['csat', '2'], ['is_breach', 'true']])  ->  {"csat": 2, "is_breach": true}
#}
{% macro json_object(pairs) -%}
    {{ return(adapter.dispatch('json_object', 'regulars')(pairs)) }}
{%- endmacro %}

{# jsonb has an order of keys of its own; on other engines, where it is a text, names stand in theirs
   and nothing is blank. #}
{% macro default__json_object(pairs) -%}
    jsonb_build_object(
        {%- for name, value in pairs %}'{{ name }}', {{ value }}{{ ', ' if not loop.last }}{% endfor -%}
    )
{%- endmacro %}
