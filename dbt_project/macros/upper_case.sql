{#- A text with its letters from a to z in capitals. Others stay: engines differ over ß and ı, and codes
    have none.
        upper_case("'euß'")   EUß -#}
{% macro upper_case(expression) -%}
    translate({{ expression }}, 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
{%- endmacro %}
