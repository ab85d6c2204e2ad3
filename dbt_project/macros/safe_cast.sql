{#- A text as another type, null where it is not one. For staging of sources that declare text;
    dbt itself uses it for the rows of unit tests. Of a column: PostgreSQL works out the cast of a
    literal before it asks. -#}
{% macro safe_cast(expression, data_type) -%}
    {{ return(adapter.dispatch('safe_cast', 'regulars')(expression, data_type)) }}
{%- endmacro %}

{% macro default__safe_cast(expression, data_type) -%}
    case
        when pg_input_is_valid(cast({{ expression }} as text), '{{ data_type }}')
            then cast({{ expression }} as {{ data_type }})
    end
{%- endmacro %}
