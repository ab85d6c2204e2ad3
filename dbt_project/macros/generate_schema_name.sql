{#- The folder's schema, behind the night's prefix: "marts", or "rebuild_marts" beside it. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{- var('schema_prefix', '') ~ (custom_schema_name or target.schema) | trim -}}
{%- endmacro %}
