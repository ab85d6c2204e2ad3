{#- Completed calendar months from one date to a later one: the age on its own calendar.

    | earlier    | later      | result |
    |------------|------------|--------|
    | 2026-01-31 | 2026-02-28 | 0      |
    | 2026-01-15 | 2026-03-15 | 2      |
-#}
{% macro months_between(earlier, later) -%}
    {{ return(adapter.dispatch('months_between', 'regulars')(earlier, later)) }}
{%- endmacro %}

{#- date_part, because PostgreSQL's extract computes in decimals, several times slower. -#}
{% macro default__months_between(earlier, later) -%}
    cast(
        (date_part('year', {{ later }}) - date_part('year', {{ earlier }})) * 12
        + date_part('month', {{ later }}) - date_part('month', {{ earlier }})
        - case
            when date_part('day', {{ later }}) < date_part('day', {{ earlier }}) then 1
            else 0
        end
        as integer
    )
{%- endmacro %}
