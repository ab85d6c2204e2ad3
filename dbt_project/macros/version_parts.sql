{#- A row's version, as text, as what it is: a number, or an instant (a day's is its midnight); null
    where it is the other. A text of digits alone is no day without dashes. -#}
{% macro version_number(text) -%}
    {{ regulars.safe_cast(text, 'numeric(38, 10)') }}
{%- endmacro %}

{% macro version_instant(text) -%}
    case
        when {{ regulars.version_number(text) }} is null
            then {{ regulars.safe_cast(text, regulars.type_instant()) }}
    end
{%- endmacro %}
