{#- A quantile of value at a cost share between 0 and 1, on a straight line between its knots.

    | columns                                    | share | result           |
    |--------------------------------------------|-------|------------------|
    | <quantile>_knot_0 = 2, <quantile>_knot_1 = 1 | 0.05  | 1.75 (knot 1: 0.2) |
-#}
{% macro at_cost_share(quantile, share) -%}
    {%- set knots = value_knots() -%}
    case
        {%- for high in knots[1:] %}
        {%- set low = knots[loop.index0] %}
        when {{ share }} <= {{ high }}
            then
                {{ quantile }}_knot_{{ loop.index0 }}
                + {{ ratio(share ~ ' - ' ~ low, high ~ ' - ' ~ low, 10) }}
                * ({{ quantile }}_knot_{{ loop.index }} - {{ quantile }}_knot_{{ loop.index0 }})
        {%- endfor %}
    end
{%- endmacro %}
