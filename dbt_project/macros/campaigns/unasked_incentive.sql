{#-
What a list's incentive costs with people who would have bought without it: their chance × its
threshold `incentive`, 0 of a list without one. As far as an effect is measured, it is in the
margin already.

    list_code        expression
    chance           expression: of buying unasked; null counts as none
    measured_weight  expression: how much of the effect is measured; null is nothing of it
-#}
{% macro unasked_incentive(list_code, chance, measured_weight) -%}
    case {{ list_code }}
        {%- for code in (var('lists') if execute else []) if (
            regulars.list_definition(code).thresholds or {}
        ).incentive %}
        when '{{ code }}' then {{ regulars.list_threshold(code, 'incentive') }}
        {%- endfor %}
        when '' then 0
        else 0
    end * coalesce({{ chance }}, 0) * (1 - coalesce({{ measured_weight }}, 0))
{%- endmacro %}
