{#- A query of the integers 0 .. 999 in column n: a spine that every engine can make. -#}
{% macro numbers() -%}
    {%- set digits -%}
        select 0 as n
        {%- for digit in range(1, 10) %} union all select {{ digit }}{% endfor -%}
    {%- endset -%}
    select hundreds.n * 100 + tens.n * 10 + ones.n as n
    from ({{ digits }}) as hundreds
    cross join ({{ digits }}) as tens
    cross join ({{ digits }}) as ones
{%- endmacro %}
