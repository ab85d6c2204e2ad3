{#- The typed columns of a row of value_terms; arguments are expressions. -#}
{% macro term_row(term, subject, value) -%}
    cast({{ term }} as {{ dbt.type_string() }}) as term,
        cast({{ subject }} as {{ dbt.type_string() }}) as subject,
        cast({{ value }} as numeric(24, 10)) as value
{%- endmacro %}
