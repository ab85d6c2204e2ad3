{#- Completed calendar months from one date to a later one: the age on its own calendar.

    | earlier    | later      | result |
    |------------|------------|--------|
    | 2026-01-31 | 2026-02-28 | 0      |
    | 2026-01-15 | 2026-03-15 | 2      |
-#}
{% macro months_between(earlier, later) -%}
    cast(
        (extract(year from {{ later }}) - extract(year from {{ earlier }})) * 12
        + extract(month from {{ later }}) - extract(month from {{ earlier }})
        - case
            when extract(day from {{ later }}) < extract(day from {{ earlier }}) then 1
            else 0
        end
        as integer
    )
{%- endmacro %}
