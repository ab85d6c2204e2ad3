{#- A day on the season's clock: `clock` is the row of int_season_clock of the day's month. -#}
{% macro days_counted(clock, day) -%}
    {{ clock }}.days_before
    + {{ regulars.days_between(clock ~ '.month', day) }} * {{ clock }}.season_index
{%- endmacro %}
