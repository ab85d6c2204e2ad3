-- Everybody who bought on one day only, and which of them stand where a nudge can still help.

with bounds as (

    select * from {{ ref('second_purchase_bounds') }}

),

trials as (

    select
        people.*,
        case people.preferred_channel
            when 'phone' then people.consent_phone_marketing and people.has_phone
            when 'post' then people.consent_post_marketing and people.has_address
        end as agreed_to_preferred
    from {{ ref('int_customers_described') }} as people
    where people.relationship_status in ('trial', 'returned_trial')

),

-- whose no stands, or may stand, in the way of the channel that they prefer
stopped as (

    select distinct trials.customer_id
    from trials
    inner join {{ ref('int_contact_stops') }} as stops
        on
            trials.customer_id = stops.customer_id
            and coalesce(stops.channel, trials.preferred_channel) = trials.preferred_channel
            and coalesce(stops.purpose, 'marketing') = 'marketing'
    where trials.agreed_to_preferred

),

known as (

    select
        trials.*,
        bounds.t_50,
        bounds.t_90,
        bounds.is_from_curve,
        {{ list_threshold('second_purchase', 'horizon_days') }} as horizon_days,
        odds.p_second,
        firsts.first_category,
        coalesce(trials.agreed_to_preferred, false) and stopped.customer_id is null
            as is_by_preference,
        -- what one more order leaves: its margin less what it costs to send and take back; wide, or
        -- DuckDB keeps what is made of it to 18 digits
        cast(
            trials.expected_order_value * economics.margin_rate
            - economics.variable_cost_per_order
            as numeric(24, 6)
        ) as value_if_it_happens
    from trials
    cross join bounds
    left join stopped on trials.customer_id = stopped.customer_id
    left join {{ ref('int_second_purchase_odds') }} as odds
        on trials.days_since_first = odds.days_since_first
    left join {{ ref('int_customer_economics') }} as economics
        on trials.customer_id = economics.customer_id
    left join {{ ref('int_customer_firsts') }} as firsts
        on trials.customer_id = firsts.customer_id

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
    case
        when first_category is null then 'thank'
        {%- for category, question in var('category_questions').items() %}
        when {{ lower_case('first_category') }} = '{{ category }}' then 'ask_{{ question }}'
        {%- endfor %}
        else 'thank_for_category'
    end
    || case when is_by_preference then '_by_preference' else '' end as action_code
from known
