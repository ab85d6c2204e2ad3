{#- Whether an order of fct_orders is in its customer's accounts: sold, or sent in place of what was,
    to somebody known. One that came back whole is, for its costs; so is one in a currency without a
    rate, which was bought all the same, for nobody knows how much. -#}
{% macro is_accounted_for(orders) -%}
    coalesce({{ orders }}.held_reason, 'other_currency') = 'other_currency'
        and {{ orders }}.customer_id <> {{ regulars.unknown_customer() }}
        and {{ orders }}.order_type in ('sale', 'replacement')
        and {{ regulars.is_sold(orders ~ '.status') }}
{%- endmacro %}
