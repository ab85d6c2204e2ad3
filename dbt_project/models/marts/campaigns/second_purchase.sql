-- Everybody who bought on one day only, and which of them stand where a nudge can still help.

with known as (

    select
        people.*,
        bounds.t_50,
        bounds.t_90,
        bounds.is_from_curve,
        {{ list_threshold('second_purchase', 'horizon_days') }} as horizon_days,
        odds.p_second,
        firsts.first_category,
        preferred.customer_id is not null as is_by_preference,
        -- what one more order leaves: its margin less what it costs to send and take back; wide, or
        -- DuckDB keeps what is made of it to 18 digits
        cast(
            people.expected_order_value * economics.margin_rate
            - economics.variable_cost_per_order
            as numeric(24, 6)
        ) as value_if_it_happens
    from {{ ref('int_customers_described') }} as people
    cross join {{ ref('second_purchase_bounds') }} as bounds
    left join {{ ref('int_preferred_channels') }} as preferred
        on people.customer_id = preferred.customer_id
    left join {{ ref('int_second_purchase_odds') }} as odds
        on people.days_since_first = odds.days_since_first
    left join {{ ref('int_customer_economics') }} as economics
        on people.customer_id = economics.customer_id
    left join {{ ref('int_customer_firsts') }} as firsts
        on people.customer_id = firsts.customer_id
    where people.relationship_status in ('trial', 'returned_trial')

)

select
    known.*,
    case
        when is_by_preference then preferred_channel
        else {{ list_value('second_purchase', 'channel') }}
    end as contact_channel,
    case
        when relationship_status = 'returned_trial' then 'returned_first_order'
        when days_since_first < t_50 and is_from_curve then 'too_early'
        when days_since_first < t_50 then 'too_early_as_assumed'
        when days_since_first > t_90 and is_from_curve then 'too_late'
        when days_since_first > t_90 then 'too_late_as_assumed'
    end as ineligible_code,
    p_second * value_if_it_happens as score,
    value_if_it_happens as tie_break_value,
    -- never more than a year of a kept customer leaves after service
    case
        when p_second * value_if_it_happens is not null
            then least(p_second * value_if_it_happens, greatest(value_if_kept_12m, 0))
    end as value_at_stake,
    p_second as response_probability,
    case when orders_count > 1 then 'bought_several_times_on_one_day' else 'bought_once' end
        as reason_1_code,
    case when is_from_curve then 'window' else 'window_as_assumed' end as reason_2_code,
    'chance' as reason_3_code,
    coalesce(
        case {{ lower_case('first_category') }}
            {%- for category, question in var('category_questions').items() %}
            when '{{ category }}' then 'ask_{{ question }}'
            {%- endfor %}
            when '' then 'thank_for_category'
        end,
        case when first_category is null then 'thank' else 'thank_for_category' end
    )
    || case when is_by_preference then '_by_preference' else '' end as action_code
from known
