{#- From here on people weighed down by contacts are counted together: there are few. -#}
{% macro most_contact_pressure() -%}
    {{ return(4) }}
{%- endmacro %}
