{#- Distinct purchase days after a first one, each with what came before it: what the spend model is
    fitted on. `days` is a relation with a row per purchase day (customer_id, ordered_on, value);
    `group` names a further column that keeps groups of rows apart, such as the origin.

    | customer_id | ordered_on | value | gives days_before, spent_before, value |
    |-------------|------------|-------|----------------------------------------|
    | A           | 2026-01-01 | 10    |                                        |
    | A           | 2026-01-05 | 20    | 1, 10, 20                              |
    | A           | 2026-02-01 | 30    | 2, 30, 30                              |
-#}
{% macro later_purchase_days(days, group=none) -%}
    {%- set by_group = group ~ ', ' if group else '' -%}
    {%- set earlier -%}
        partition by {{ by_group }}customer_id order by ordered_on asc nulls last
    {%- endset -%}
    select
        {{ by_group }}cast(days_before as integer) as days_before,
        cast(spent_before as numeric(18, 2)) as spent_before,
        cast(value as numeric(18, 2)) as value,
        count(*) as purchase_days
    from (
        select
            {{ by_group }}value,
            row_number() over ({{ earlier }}) - 1 as days_before,
            sum(value) over ({{ earlier }}) - value as spent_before
        from {{ days }}
    ) as known
    where
        days_before > 0
        and spent_before > 0
        and value > 0
    group by
        {{ by_group }}days_before,
        spent_before,
        value
{%- endmacro %}
