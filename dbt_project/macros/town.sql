{#- A town in one spelling: country and city in lower case, without spaces around them. -#}
{% macro town(country, city) -%}
    {{ regulars.concat_text(["lower(" ~ country ~ ")", "' '", "lower(trim(" ~ city ~ "))"]) }}
{%- endmacro %}
