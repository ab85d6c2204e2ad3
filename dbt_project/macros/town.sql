{#- A town in one spelling: country and city in lower case, the city without marks of its letters and
    without spaces around it. -#}
{% macro town(country, city) -%}
    {{ regulars.concat_text([
        regulars.lower_case(country), "' '", "trim(both ' ' from " ~ regulars.without_accents(city) ~ ")",
    ]) }}
{%- endmacro %}
