{{ config(enabled="make_it_right" in var("lists"), materialized="view") }}

-- What each case let somebody down by, each by the name of its sentence, and how badly. One point
-- for a reply promise broken, one more if it took over twice as long; one for another promise; one
-- for a bad score, one more for the lowest; one for each time it was opened again, two at most.

with let_down as (

    select * from {{ ref('int_case_troubles') }}
    where has_let_down

)

select
    let_down.*,
    cast(round(late_minutes / 1440.0) as integer) as days_late,
    case
        when is_breach and first_reply_minutes is null then 'closed_without_answer'
        when is_breach then 'answered_late'
    end as breach_code,
    case
        when promise_kind = 'repair' and late_minutes is not null then 'repaired_late'
        when promise_kind = 'repair' then 'not_repaired'
        when promise_kind = 'call_back' then 'not_called_back'
        when late_minutes is not null then 'delivered_late'
        when promise_kind = 'delivery' then 'not_delivered'
    end as promise_code,
    case when has_bad_csat then 'bad_score' end as csat_code,
    case when reopened_count > 0 then 'opened_again' end as reopened_code,
    case when is_breach then 1 else 0 end
    + case
        when is_breach and first_reply_minutes > 2 * promised_reply_minutes then 1
        else 0
    end
    + case when promise_kind is not null then 1 else 0 end
    + case when has_bad_csat then 1 else 0 end
    + case when has_bad_csat and csat <= 1 then 1 else 0 end
    + least(coalesce(reopened_count, 0), 2) as severity
from let_down
