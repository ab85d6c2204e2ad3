{#- Minutes since midnight of a time of day as settings write it: 540 of "09:00". -#}
{% macro minute_of(time_of_day) -%}
    {%- set parts = time_of_day.split(':') -%}
    {{- parts[0] | int * 60 + parts[1] | int -}}
{%- endmacro %}
