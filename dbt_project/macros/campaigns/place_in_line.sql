{#-
Somebody's place in a line of people, from 1. Who has died or asked to be erased (the column
`takes_no_place` of int_customers_described) stands among the others and takes nobody's place.

    order_by      expressions with direction and nulls, the last one a key
    partition_by  expressions; none: one line of all

    | person | value | takes_no_place | place |
    |--------|-------|----------------|-------|
    | a      | 90    | false          | 1     |
    | b      | 80    | true           | 2     |
    | c      | 70    | false          | 2     |
-#}
{% macro place_in_line(order_by, partition_by=none) -%}
    coalesce(sum(case when takes_no_place then 0 else 1 end) over (
        {% if partition_by is not none -%} partition by {{ partition_by }} {% endif -%}
        order by {{ order_by | join(', ') }}
        rows between unbounded preceding and 1 preceding
    ), 0) + 1
{%- endmacro %}

{#- How many people such a line has. -#}
{% macro people_in_line() -%}
    sum(case when takes_no_place then 0 else 1 end) over ()
{%- endmacro %}
