{#- A table as the last build left it, or none: for models that compare with what they will
    replace, where a ref would be a circle. None on a full refresh. -#}
{% macro built_before(schema, name) -%}
    {%- if not execute or flags.FULL_REFRESH -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(adapter.get_relation(
        database=target.database,
        schema=var('schema_prefix', '') ~ schema,
        identifier=name
    )) }}
{%- endmacro %}
