{%- set tier_days, days_ahead = 365, 30 %}
{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    pre_hook="{{ delete_touched('customer_id', 'int_touched_points') }}",
    post_hook="{{ analyze(['customer_id', 'changes_on']) }}",
    indexes=[{"columns": ["customer_id"]}],
) }}

with entries as (

    select
        customer_id,
        kind,
        points,
        points_left,
        booked_on,
        expires_on
    from {{ ref('fct_loyalty_entries') }}
    where
        customer_id <> {{ unknown_customer() }}
        and {{ only_touched_customers(touched='int_touched_points') }}

),

sums as (

    select
        customer_id,
        sum(points) as balance,
        {% for kind in ['earned', 'spent', 'expired', 'reversed'] -%}
        abs(sum(case when kind = '{{ kind }}' then points else 0 end)) as points_{{ kind }},
        {% endfor -%}
        greatest(
            sum(
                case
                    when
                        kind in ('earned', 'reversed')
                        and booked_on > {{ add_days(as_of(), -tier_days) }}
                        then points
                    else 0
                end
            ),
            0
        ) as tier_points,
        max(booked_on) as last_booked_on,
        min(
            case
                when
                    kind in ('earned', 'reversed')
                    and booked_on > {{ add_days(as_of(), -tier_days) }}
                    then {{ add_days('booked_on', tier_days) }}
            end
        ) as tier_changes_on
    from entries
    group by customer_id

),

-- The last day of the points counts as a day on which they can be spent.
lapsing as (

    select
        customer_id,
        expires_on,
        points_left,
        min(expires_on) over (partition by customer_id) as points_expire_on
    from entries
    where
        points_left > 0
        and expires_on >= {{ as_of() }}

),

next_lapse as (

    select
        customer_id,
        points_expire_on,
        sum(case when expires_on = points_expire_on then points_left else 0 end)
            as points_expiring,
        sum(
            case when expires_on <= {{ add_days(as_of(), days_ahead) }} then points_left else 0 end
        ) as points_expiring_30d,
        {{ earlier_of(
            add_days('points_expire_on', 1),
            'min(case when expires_on > ' ~ add_days(as_of(), days_ahead)
            ~ ' then ' ~ add_days('expires_on', -days_ahead) ~ ' end)'
        ) }} as changes_on
    from lapsing
    group by customer_id, points_expire_on

),

final as (

    select
        sums.customer_id,

        ---------- points
        cast(sums.balance as integer) as balance,
        {% for kind in ['earned', 'spent', 'expired', 'reversed'] -%}
        cast(sums.points_{{ kind }} as integer) as points_{{ kind }},
        {% endfor -%}
        sums.last_booked_on,

        ---------- what lapses
        next_lapse.points_expire_on,
        cast(coalesce(next_lapse.points_expiring, 0) as integer) as points_expiring,
        cast(coalesce(next_lapse.points_expiring_30d, 0) as integer) as points_expiring_30d,

        ---------- tier of the programme
        cast(sums.tier_points as integer) as tier_points,
        {{ loyalty_tier('sums.tier_points') }} as loyalty_tier,
        cast({{ points_of_next_tier('sums.tier_points') }} - sums.tier_points as integer)
            as points_to_next_tier,

        ---------- the first day on which any of it is another, by the calendar alone
        {{ earlier_of('sums.tier_changes_on', 'next_lapse.changes_on') }} as changes_on
    from sums
    left join next_lapse on sums.customer_id = next_lapse.customer_id

)

select * from final
