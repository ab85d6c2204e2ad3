{#- The lower edge of the equal-width bucket a number falls into; floors, also below zero.

    | value | width | result |
    |-------|-------|--------|
    | 17    | 5     | 15     |
    | -1    | 5     | -5     |
-#}
{% macro bucket(value, width) -%}
    (floor(cast({{ value }} as numeric) / {{ width }}) * {{ width }})
{%- endmacro %}
