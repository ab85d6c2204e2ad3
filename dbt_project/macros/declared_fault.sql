{#- Whose fault a code of the help desk says it is (variable promise_faults, `reasons` or `teams`);
    null for a code that is not named. -#}
{% macro declared_fault(of, code) -%}
    {%- set faults = var('promise_faults')[of] -%}
    {%- if not faults -%}
    cast(null as {{ dbt.type_string() }})
    {%- else -%}
    case {{ code }}
        {%- for name, fault in faults.items() %}
        when '{{ name }}' then '{{ fault }}'
        {%- endfor %}
    end
    {%- endif -%}
{%- endmacro %}
