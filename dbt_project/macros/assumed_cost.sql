{#- Cost of the pieces kept of a line whose product has no cost: a share of what they sold for.

        kept × net sales × assumed share / quantity

    Null where the line has no pieces. -#}
{% macro assumed_cost(kept, quantity, net_sales) -%}
    {{ regulars.ratio(kept ~ ' * (' ~ net_sales ~ ') * ' ~ var('assumed_cost_share'), quantity, 2) }}
{%- endmacro %}
