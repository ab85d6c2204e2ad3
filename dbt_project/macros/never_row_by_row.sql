{#- Before a step of so many joins that the planner takes a few people for one: each time it was
    wrong it would read a whole table again for everybody. Until the step is done, it joins by
    sorting or hashing. -#}
{% macro never_row_by_row() -%}
    {{ return(adapter.dispatch('never_row_by_row', 'regulars')()) }}
{%- endmacro %}

{% macro default__never_row_by_row() -%}
    set local enable_nestloop = off
{%- endmacro %}
