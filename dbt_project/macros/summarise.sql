{#- From lines of sales and returns to purchase histories: a row per customer who had bought by
    `calibration_end` (a date expression); with a `holdout_end` also what they bought after it.
    The same as regulars.clv.summaries.summarise, column by column:

    | column              | meaning                                                       |
    |---------------------|---------------------------------------------------------------|
    | customer_id         | who                                                           |
    | first_on            | first purchase day                                            |
    | frequency           | purchase days after it                                        |
    | recency_days        | days from it to the last one                                  |
    | customer_age_days   | days from it to calibration_end                               |
    | purchase_days       | all of them                                                   |
    | monetary_value      | mean value of one                                             |
    | log_gaps            | sum of the logarithms of the days between them                |
    | holdout_purchases   | purchase days in (calibration_end, holdout_end]               |
    | holdout_value       | their value, returns until holdout_end taken off              |
-#}
{% macro summarise(lines, customer, on, value, calibration_end, holdout_end=none) -%}
    select
        known.customer_id,
        min(known.purchased_on) as first_on,
        count(*) - 1 as frequency,
        {{ regulars.days_between('min(known.purchased_on)', 'max(known.purchased_on)') }} as recency_days,
        {{ regulars.days_between('min(known.purchased_on)', calibration_end) }} as customer_age_days,
        count(*) as purchase_days,
        {{ regulars.average('known.value', 6) }} as monetary_value,
        sum(
            case
                when known.gap > 0
                    then cast(ln(cast(known.gap as numeric(38, 20))) as numeric(28, 12))
                else 0
            end
        ) as log_gaps
        {%- if holdout_end %},
        coalesce(max(later.purchases), 0) as holdout_purchases,
        coalesce(max(later.value), 0) as holdout_value
        {%- endif %}
    from (
        select
            days.*,
            {{ regulars.days_between(
                'lag(days.purchased_on) over ('
                ~ 'partition by days.customer_id order by days.purchased_on asc nulls last)',
                'days.purchased_on'
            ) }} as gap
        from ({{ regulars.purchase_days(lines, customer, on, value, calibration_end) }}) as days
    ) as known
    {%- if holdout_end %}
    left join (
        select
            customer_id,
            count(*) as purchases,
            sum(value) as value
        from ({{ regulars.purchase_days(lines, customer, on, value, holdout_end) }}) as days
        where purchased_on > {{ calibration_end }}
        group by customer_id
    ) as later on known.customer_id = later.customer_id
    {%- endif %}
    group by known.customer_id
{%- endmacro %}
