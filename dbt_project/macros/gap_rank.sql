{#- A whole number by which gaps of a customer to their peers are compared: the wider one is larger,
    of equals the one whose category has the earlier place.

    | peers_share | share | place | result   |
    |-------------|-------|-------|----------|
    | 0.25        | 0     | 2     | 24999998 |
    | 0.25        | 0     | 3     | 24999997 |
-#}
{% macro gap_rank(peers_share, share, place) -%}
    cast(({{ peers_share }} - {{ share }}) * 100 as bigint) * 1000000 - {{ place }}
{%- endmacro %}
