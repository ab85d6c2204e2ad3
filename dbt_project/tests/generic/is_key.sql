{#- Every row has a value of its own: `unique` and `not_null` in one. Returns values that are null
    or there more than once. Whose these are is asked only where there are fewer values than rows:
    to count values takes less than to count the rows of each. The model has no alias here, since
    dbt gives it one where a test is of some of its rows (`where`). -#}
{% test is_key(model, column_name) -%}
select
    {{ column_name }},
    count(*) as times
from {{ model }}
where (select count(*) > count(distinct {{ column_name }}) from {{ model }})
group by {{ column_name }}
having
    count(*) > 1
    or {{ column_name }} is null
{%- endtest %}
