{#- What earlier contacts still weigh, in whole steps of 0 to `most`, rounded down: a contact counts the
    share that is left of `fatigue_fading_days`, so one of yesterday, nearly 1, is no step alone.

    | days left of all contacts | fatigue_fading_days | result |
    |---------------------------|---------------------|--------|
    | 89                        | 90                  | 0      |
    | 180                       | 90                  | 2      |
    | 900                       | 90                  | 4      |
-#}
{% macro contact_pressure(days_left) -%}
    case
        {%- for step in range(regulars.most_contact_pressure(), 0, -1) %}
        when {{ days_left }} >= {{ step * var('fatigue_fading_days') }} then {{ step }}
        {%- endfor %}
        else 0
    end
{%- endmacro %}
