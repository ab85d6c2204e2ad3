{# Days after a list's outcome window until its refunds are in, by the list's code; of a list that is
   no more, the company's own. #}
{% macro list_settle_days(code_column) -%}
    case {{ code_column }}
    {%- for code in (var('lists') if execute else {}) %}
        when '{{ code }}' then {{ regulars.list_value(code, 'refunds_settle_days') }}
    {%- endfor %}
        when '' then 0
        else {{ var('settle_days') }}
    end
{%- endmacro %}
