{#- Every row has a value of its own: `unique` and `not_null` in one pass, which for a table of
    everybody is half the time. Returns values that are null or there more than once. -#}
{% test is_key(model, column_name) -%}
select
    {{ column_name }},
    count(*) as times
from {{ model }}
group by {{ column_name }}
having
    count(*) > 1
    or {{ column_name }} is null
{%- endtest %}
