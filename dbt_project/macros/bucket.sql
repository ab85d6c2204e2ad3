{#- The lower edge of the equal-width bucket a number falls into; floors, also below zero. Numbers
    and widths have at most six decimals.

    | value | width | result |
    |-------|-------|--------|
    | 17    | 5     | 15     |
    | -1    | 5     | -5     |
-#}
{% macro bucket(value, width) -%}
    cast(
        floor(cast({{ value }} as numeric(28, 6)) / cast({{ width }} as numeric(12, 6)))
        * cast({{ width }} as numeric(12, 6))
        as numeric(28, 6)
    )
{%- endmacro %}
