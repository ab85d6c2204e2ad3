-- Everybody who bought on one day only, and which of them stand where a nudge can still help.

select
    trials.*,
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
from {{ ref('int_trial_users') }} as trials
