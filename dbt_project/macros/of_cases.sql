{#- A count or a sum over cases, 0 where there are none; null where nobody delivers any. -#}
{% macro of_cases(counted) -%}
    {{ return('coalesce(' ~ counted ~ ', 0)' if regulars.are_cases_told() else 'null') }}
{%- endmacro %}
