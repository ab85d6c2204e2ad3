{#- A type as the engine calls it; declarations name PostgreSQL's. -#}
{% macro engine_type(data_type) -%}
    {{ return(adapter.dispatch('engine_type', 'regulars')(data_type)) }}
{%- endmacro %}

{% macro default__engine_type(data_type) -%}
    {{ return(data_type) }}
{%- endmacro %}
