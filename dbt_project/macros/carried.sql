{#- The largest amount, which is not carried itself: the loader refuses a row with as much. -#}
{% macro largest_amount() -%}
    1{{ '0' * (var('carried_digits') if execute else 1) }}
{%- endmacro %}

{#- An amount that was multiplied across feeds, or null where it has become too large for columns of
    money: then one of its factors is no cost and no rate.

        carried('pieces * unit_cost')   of 1,000,000 pieces at 1,000,000.00 each: null -#}
{% macro carried(amount) -%}
    case when abs({{ amount }}) < {{ regulars.largest_amount() }} then {{ amount }} end
{%- endmacro %}
