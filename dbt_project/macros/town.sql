{#- A town in one spelling: country and city in lower case, without spaces around them. -#}
{% macro town(country, city) -%}
    {{ regulars.concat_text([
        regulars.lower_case(country), "' '", regulars.lower_case("trim(both ' ' from " ~ city ~ ")"),
    ]) }}
{%- endmacro %}
