-- Hold-outs are of one length, the longest that the settled days allow: a year once there are two,
-- and a third of them until then.
with company as (

    select
        min(first_purchase_on) as first_purchase_on,
        max(last_purchase_on) as last_purchase_on,
        count(*) as customers,
        {{ add_days(as_of(), -var('settle_days')) }} as settled_on
    from {{ ref('customer_purchase_summaries') }}

),

settled as (

    select
        company.*,
        {{ days_between('first_purchase_on', 'settled_on') }} as settled_days
    from company

),

longest as (

    select
        settled.*,
        case
            when settled_days >= 2 * 365 then 365
            else cast(floor(cast(settled_days as numeric(12, 2)) / 3) as integer)
        end as longest_holdout_days
    from settled

),

final as (

    select
        first_purchase_on,
        last_purchase_on,
        settled_on,
        settled_days,
        longest_holdout_days,
        {{ var('backtest_holdouts') | min }} as shortest_holdout_days,
        case
            {%- for days in var('backtest_holdouts') | sort(reverse=true) %}
            when longest_holdout_days >= {{ days }} then {{ days }}
            {%- endfor %}
        end as holdout_days,
        cast({{ sampled_share('customers') }} as numeric(34, 32)) as sampled_share,
        cast({{ sampled_below('customers') }} as {{ dbt.type_string() }}) as sampled_below
    from longest

)

select * from final
