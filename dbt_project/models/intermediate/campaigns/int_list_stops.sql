{{ config(materialized="view") }}

-- Who was stopped, and why in words. Read apart from the road: there each of its questions would be
-- asked again for each sentence.

with stopped as (

    select
        eligibility.*,
        definitions.channel,
        case
            when
                eligibility.exclusion_code = 'unreachable'
                and definitions.class = 'service'
                then 'unreachable_by_anything'
            else eligibility.exclusion_code
        end as sentence_code,
        rules.quiet_days_after_bad_csat,
        rules.contact_gap_days,
        rules.contacts_window_days,
        rules.contacts_in_window_max
    from {{ ref('int_list_eligibility') }} as eligibility
    inner join {{ ref('list_definitions') }} as definitions
        on eligibility.list_code = definitions.list_code
    cross join {{ ref('campaign_rules') }} as rules
    where eligibility.exclusion_code is not null

)

select
    list_code,
    customer_id,
    ineligible_code,
    exclusion_code,
    case
        when exclusion_code = ineligible_code then ineligible_reason
        else {{ shared_sentence('sentence_code', 'exclusions', stop_codes() + [
            'order_undecided', 'value_unknown', 'sale_in_doubt', 'case_in_doubt',
            'answer_in_doubt', 'claim_in_doubt', 'account_in_doubt', 'unreachable_by_anything',
            'staff', 'minor', 'no_consent', 'unreachable', 'age_unknown', 'resting', 'next_time',
            'open_case', 'quiet_after_bad_csat', 'service_first', 'contacted_recently',
            'contacted_often',
        ]) }}
    end as exclusion_reason
from stopped
