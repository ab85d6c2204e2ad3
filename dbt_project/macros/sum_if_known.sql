{#- The sum of a column if each of its values is known; null if one is not, because the others alone
    are no total.

    | values     | result |
    |------------|--------|
    | 1, 2       | 3      |
    | 1, unknown | null   |
-#}
{% macro sum_if_known(expression) -%}
    case when count(*) = count({{ expression }}) then sum({{ expression }}) end
{%- endmacro %}
