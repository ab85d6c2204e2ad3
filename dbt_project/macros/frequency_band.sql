{#- Repeat purchase days in bands of about equal information: 0, 1, 2 (2 to 3), 4 (4 to 7), 8 and
    more, named by their first.

    | frequency | band |
    |-----------|------|
    | 0         | 0    |
    | 3         | 2    |
    | 20        | 8    |
-#}
{% macro frequency_band(frequency) -%}
    case
        {%- for first in [8, 4, 2, 1] %}
        when {{ frequency }} >= {{ first }} then {{ first }}
        {%- endfor %}
        else 0
    end
{%- endmacro %}
