{#- A row per customer and day with a purchase up to `until` (a date expression), returns netted:
    columns customer_id, purchased_on, value. `lines` is a relation or a query in parentheses, a row
    per line of a sale or (value below zero) of a return; the other arguments name its columns.
    What regulars.clv.summaries.purchase_days gives, in windows:

    Returns are taken off the latest earlier days first, as plates off a pile. After each day the
    pile is as high as all that was bought less all that came back, never below nothing
    (`height`). What a day laid on it is there still as far as the pile never again fell below.

    | day | value | height | left of that day |
    |-----|-------|--------|------------------|
    | 1   | 10    | 10     | 8                |
    | 2   | 5     | 15     | 0                |
    | 3   | -7    | 8      | (no purchase)    |
-#}
{% macro purchase_days(lines, customer, on, value, until) -%}
    {%- set by_day = 'partition by customer_id order by purchased_on asc nulls last' -%}
    select
        customer_id,
        purchased_on,
        cast(case when day_value > 0 then left_over else 0 end as numeric(28, 6)) as value
    from (
        select
            with_before.*,
            min(height) over (
                {{ by_day }} rows between current row and unbounded following
            ) - height_before as left_over
        from (
            select
                heights.*,
                coalesce(lag(height) over ({{ by_day }}), 0) as height_before
            from (
                select
                    totals.*,
                    bought - least(0, min(bought) over (
                        {{ by_day }} rows between unbounded preceding and current row
                    )) as height
                from (
                    select
                        days.*,
                        sum(day_value) over (
                            {{ by_day }} rows between unbounded preceding and current row
                        ) as bought
                    from (
                        select
                            {{ customer }} as customer_id,
                            {{ on }} as purchased_on,
                            sum(cast({{ value }} as numeric(28, 6))) as day_value,
                            max(case when {{ value }} < 0 then 1 else 0 end) as has_return
                        from {{ lines }} as lines
                        where {{ on }} <= {{ until }}
                        group by {{ customer }}, {{ on }}
                    ) as days
                ) as totals
            ) as heights
        ) as with_before
    ) as with_left
    where
        (day_value > 0 and left_over > 0)
        or (day_value = 0 and has_return = 0)
{%- endmacro %}
