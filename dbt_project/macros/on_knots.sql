{#- A quantile of value at a cost share between 0 and 1, on a straight line between its knots: the
    knot above the share, the way to it from the one below, and the quantile there. Knot and way
    serve all quantiles of a row, which is why they are apart.

    | columns                                      | share | knot | way | result |
    |----------------------------------------------|-------|------|-----|--------|
    | <quantile>_knot_0 = 2, <quantile>_knot_1 = 1 | 0.11  | 1    | 0.5 | 1.5    |
-#}
{% macro on_knots(quantile, knot, way) -%}
    case {{ knot }}
        {%- for number in range(1, regulars.value_knots() | length) %}
        {%- set low, high = quantile ~ '_knot_' ~ (number - 1), quantile ~ '_knot_' ~ number %}
        when {{ number }} then {{ low }} + {{ way }} * ({{ high }} - {{ low }})
        {%- endfor %}
    end
{%- endmacro %}

{% macro knot_above(share) -%}
    case
        {%- for high in regulars.value_knots()[1:] %}
        when {{ share }} <= {{ high }} then {{ loop.index }}
        {%- endfor %}
    end
{%- endmacro %}

{% macro way_to_knot(share) -%}
    {%- set knots = regulars.value_knots() -%}
    case
        {%- for high in knots[1:] %}
        {%- set low = knots[loop.index0] %}
        when {{ share }} <= {{ high }}
            then {{ regulars.ratio(share ~ ' - ' ~ low, high ~ ' - ' ~ low, 10) }}
        {%- endfor %}
    end
{%- endmacro %}
