{#- The business date of the night, as a date. The only "today" any model knows.
    Required: dbt fails without the variable; the default serves parsing alone. -#}
{% macro as_of() -%}
    {%- if execute -%}
        cast('{{ var("as_of") }}' as date)
    {%- else -%}
        cast('1970-01-01' as date)
    {%- endif -%}
{%- endmacro %}
