{#- Of what share of a month's newcomers it must be said what brought them: of those of whom it is
    not, nobody knows how many a channel has won. #}
{%- set told_share = 0.95 %}

-- With some of it of unknown worth nobody knows what it was.
with spend as (

    select
        month,
        channel,
        case when count(*) = count(amount) then sum(amount) end as spend
    from {{ ref('int_marketing_spend') }}
    group by month, channel

),

newcomers as (

    select
        cohort_month as month,
        acquisition_channel as channel,
        sum(customers) as newcomers,
        sum(case when repeat_age_month is not null then customers else 0 end) as became_customers
    from {{ ref('int_cohort_beginnings') }}
    group by cohort_month, acquisition_channel

),

-- A month in which no order says what brought it tells of no channel how many it won; one in which
-- some do not, of no channel what one cost.
told_months as (

    select
        month,
        sum(case when channel is not null then newcomers else 0 end)
        >= {{ told_share }} * sum(newcomers) as is_all_told
    from newcomers
    group by month
    having count(channel) > 0

),

channels as (

    select
        coalesce(spend.month, newcomers.month) as month,
        coalesce(spend.channel, newcomers.channel) as channel,
        spend.spend,
        case
            when told_months.month is not null then coalesce(newcomers.newcomers, 0)
        end as newcomers,
        case
            when told_months.month is not null then coalesce(newcomers.became_customers, 0)
        end as became_customers,
        told_months.is_all_told
    from spend
    full outer join newcomers
        on
            spend.month = newcomers.month
            and spend.channel = newcomers.channel
    left join told_months on coalesce(spend.month, newcomers.month) = told_months.month
    where coalesce(spend.channel, newcomers.channel) is not null

),

spend_totals as (

    select
        month,
        case when count(*) = count(spend) then sum(spend) end as spend
    from spend
    group by month

),

newcomer_totals as (

    select
        month,
        sum(newcomers) as newcomers,
        sum(became_customers) as became_customers
    from newcomers
    group by month

),

company as (

    select
        coalesce(spend_totals.month, newcomer_totals.month) as month,
        '(all)' as channel,
        spend_totals.spend,
        coalesce(newcomer_totals.newcomers, 0) as newcomers,
        coalesce(newcomer_totals.became_customers, 0) as became_customers,
        true as is_all_told
    from spend_totals
    full outer join newcomer_totals on spend_totals.month = newcomer_totals.month

),

unioned as (

    select * from company
    union all
    select * from channels

),

final as (

    select
        month,
        channel,
        cast(spend as numeric(18, 2)) as spend,
        cast(newcomers as integer) as newcomers,
        cast(became_customers as integer) as became_customers,
        {{ ratio('case when is_all_told then spend end', 'newcomers', 2) }} as cost_per_newcomer,
        {{ ratio('case when is_all_told then spend end', 'became_customers', 2) }}
            as cost_per_customer,
        month < {{ month_start(add_days(as_of(), -365)) }} as had_a_year
    from unioned

)

select * from final
