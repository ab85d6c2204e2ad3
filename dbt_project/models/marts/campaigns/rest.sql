-- People to be left in peace by all marketing: at their limit, tired of messages, or upset.

select
    wearied.*,
    {{ list_threshold('rest', 'unopened_messages') }} as unopened_messages,
    {{ list_threshold('rest', 'look_back_days') }} as look_back_days,
    case when not is_upset and not is_tired and not is_at_the_limit then 'not_tired' end
        as ineligible_code,
    fatigue_cost as score,
    opt_out_share as tie_break_value,
    fatigue_cost as value_at_stake,
    cast(null as numeric(9, 6)) as response_probability,
    case
        when is_upset then 'complained'
        when is_tired then 'unopened'
        else 'at_the_limit'
    end as reason_1_code,
    case
        when is_upset and is_tired then 'unopened'
        when (is_upset or is_tired) and is_at_the_limit then 'at_the_limit'
    end as reason_2_code,
    cast(null as {{ dbt.type_string() }}) as reason_3_code,
    'rest' as action_code
from {{ ref('int_people_wearied') }} as wearied
