{#- Whether an order of this status is a sale: neither a mere draft nor cancelled. -#}
{% macro is_sold(status) -%}
    {{ status }} in ('paid', 'shipped', 'delivered')
{%- endmacro %}
