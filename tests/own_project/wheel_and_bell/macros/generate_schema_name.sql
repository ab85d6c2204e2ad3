{#- The product's schemas hold for this project's models too. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ return(regulars.generate_schema_name(custom_schema_name, node)) }}
{%- endmacro %}
