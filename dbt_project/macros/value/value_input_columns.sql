{#- What explains a customer's value and is their own: the columns of
    decisions.customer_value_inputs. -#}
{% macro value_input_columns() -%}
    {{ return(['segment'] + regulars.purchase_input_columns() + ['ordinary_cost']) }}
{%- endmacro %}

{#- Those that add up purchases. -#}
{% macro purchase_input_columns() -%}
    {{ return([
        'first_purchase_on',
        'last_purchase_on',
        'purchase_days',
        'valued_purchase_days',
        'net_sales',
        'goods_margin',
    ]) }}
{%- endmacro %}
