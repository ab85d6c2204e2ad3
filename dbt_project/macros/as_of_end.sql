{#- The first instant after the night's date on the company's clock: what lies at or behind it
    is not known yet. -#}
{% macro as_of_end() -%}
    {{ regulars.local_to_utc(regulars.add_days(regulars.as_of(), 1)) }}
{%- endmacro %}
