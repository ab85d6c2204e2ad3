{#- What share of its list price a unit is taken back for, by its category and completed years
    (variable trade_in_shares); zero after the last year, null for a category not named and for
    years that nobody knows. -#}
{% macro trade_in_share(category, years) -%}
    case
        {%- for name, shares in var('trade_in_shares').items() %}
        {%- for share in shares %}
        when {{ category }} = '{{ name }}' and {{ years }} = {{ loop.index0 }} then {{ share }}
        {%- endfor %}
        when {{ category }} = '{{ name }}' and {{ years }} is not null then 0
        {%- endfor %}
    end
{%- endmacro %}
