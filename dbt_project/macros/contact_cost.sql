{#- What one contact on a channel costs, by the variable contact_costs; null on one that has no
    price. -#}
{% macro contact_cost(channel) -%}
    case {{ channel }}
        {%- for name, cost in var('contact_costs').items() %}
        when '{{ name }}' then {{ cost }}
        {%- endfor %}
    end
{%- endmacro %}
