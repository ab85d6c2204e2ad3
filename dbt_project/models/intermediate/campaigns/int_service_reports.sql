{{ config(enabled="service_call" in var("lists"), materialized="view") }}

-- What somebody may have to be called about: faults, and cases without an answer, of late. One that
-- was merged away is told by the case that carries on in its place.

with told as (

    select
        case_id,
        customer_id,
        opened_on,
        opened_at,
        kind in ('repair', 'warranty_claim') as is_fault,
        is_open and first_reply_minutes is null as is_unanswered
    from {{ ref('fct_service_cases') }}
    where
        customer_id <> {{ unknown_customer() }}
        and merged_into_case_id is null
        and {{ days_between('opened_on', as_of()) }}
        < {{ list_threshold('service_call', 'look_back_days') }}

)

select
    told.*,
    row_number() over (
        partition by customer_id
        order by opened_at desc nulls last, {{ text_order('case_id') }} desc nulls last
    ) as place
from told
where
    is_fault
    or is_unanswered
