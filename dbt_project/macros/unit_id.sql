{#- By what a unit is known outside the schema pii: its serial stands there alone
    (pii.unit_serials). Null where no serial is known. -#}
{% macro unit_id(product_id, serial) -%}
    md5({{ regulars.concat_text([product_id, "' '", serial]) }})
{%- endmacro %}
