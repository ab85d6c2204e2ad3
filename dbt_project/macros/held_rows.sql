{#- The columns of a hold of the night (night_holds), before the `from` of what is held: how many rows,
    and how much money where that is known. `subject` is an expression. -#}
{% macro held_rows(kind, subject, held='count(*)', amount='null') -%}
    select
        '{{ kind }}' as kind,
        {{ subject }} as subject,
        {{ held }} as held_count,
        cast({{ amount }} as numeric(18, 2)) as amount
{%- endmacro %}
