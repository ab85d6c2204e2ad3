{#- Of those of `names` that a source declares so: the only values that the column may have. -#}
{% macro allowed_values(node, names) -%}
    {%- set found = {} -%}
    {%- for name in names if name in node.columns -%}
        {%- set column = node.columns[name] -%}
        {%- set allowed = column.config.meta.allowed or column.meta.allowed -%}
        {%- if allowed -%}{%- do found.update({name: allowed}) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
