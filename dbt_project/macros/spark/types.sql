{#- Contracts and seeds name PostgreSQL's types. -#}
{% macro spark__engine_type(data_type) -%}
    {%- set names = {'text': 'string', 'timestamptz': 'timestamp', 'jsonb': 'string'} -%}
    {{ return(names.get(data_type | trim, data_type)) }}
{%- endmacro %}

{% macro spark__get_empty_schema_sql(columns) -%}
    select
        {%- for column in columns.values() %}
        cast(null as {{ regulars.engine_type(column.data_type) }}) as {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
{%- endmacro %}
