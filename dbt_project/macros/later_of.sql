{# The later (greater) of two values; of one that is known and one that is not, the known one. #}
{% macro later_of(one, other) -%}
    coalesce(greatest({{ one }}, {{ other }}), {{ one }}, {{ other }})
{%- endmacro %}
