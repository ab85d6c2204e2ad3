{#- A text in lower case, letter by letter: whatever stands beside it, and none as two.
        lower_case("'ΑΣ İ'")   ασ i -#}
{% macro lower_case(expression) -%}
    {{ return(adapter.dispatch('lower_case', 'regulars')(expression)) }}
{%- endmacro %}

{% macro default__lower_case(expression) -%}
    lower({{ expression }})
{%- endmacro %}
