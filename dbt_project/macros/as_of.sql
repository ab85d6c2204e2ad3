{#- The business date of the night, as a date. The only "today" any model knows.
    From the environment, because dbt parses the whole project again when a variable has another
    value than last time; the variable `as_of` (by hand, in unit tests) comes before it.
    Required: dbt fails without either; the default serves parsing alone. -#}
{% macro as_of() -%}
    {%- if execute -%}
        cast('{{ var("as_of", none) or env_var("REGULARS_AS_OF") }}' as date)
    {%- else -%}
        cast('1970-01-01' as date)
    {%- endif -%}
{%- endmacro %}
