{# The earlier (smaller) of two values; of one that is known and one that is not, the known one. #}
{% macro earlier_of(one, other) -%}
    coalesce(least({{ one }}, {{ other }}), {{ one }}, {{ other }})
{%- endmacro %}
