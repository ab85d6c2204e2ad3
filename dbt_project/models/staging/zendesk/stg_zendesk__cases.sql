-- First reply: the first public message of somebody of the desk. A promise in business hours is
-- none here, where minutes are calendar minutes.
with tickets as (

    {{ visible_rows('zendesk', 'zendesk_ticket') }}

),

users as (

    {{ visible_rows('zendesk', 'zendesk_user') }}

),

messages as (

    {{ visible_rows('zendesk', 'zendesk_ticket_comment') }}

),

history as (

    {{ visible_rows('zendesk', 'zendesk_ticket_field_history') }}

),

promises as (

    {{ visible_rows('zendesk', 'zendesk_ticket_sla_policy') }}

),

targets as (

    {{ visible_rows('zendesk', 'zendesk_sla_policy_metric_history') }}

),

replies as (

    select
        messages.ticket_id,
        min(messages.created) as first_reply_at
    from messages
    inner join users on messages.user_id = users.id
    where
        messages.public
        and users.role <> 'end-user'
    group by messages.ticket_id

),

states as (

    select
        ticket_id,
        value,
        updated,
        lag(value) over (
            partition by ticket_id
            order by updated asc nulls last, {{ text_order('value') }} asc nulls last
        ) as value_before
    from history
    where field_name = 'status'

),

-- One that was merged, or closed by a rule, was never solved; one that waited again and was then
-- closed was resolved when it was closed.
resolutions as (

    select
        ticket_id,
        max(case
            when
                value in ('solved', 'closed')
                and coalesce(value_before, 'new') not in ('solved', 'closed')
                then updated
        end) as resolved_at,
        sum(case
            when value_before = 'solved' and value not in ('solved', 'closed') then 1 else 0
        end) as reopened_count
    from states
    group by ticket_id

),

-- what the policy said when it was laid on the ticket
promised as (

    select
        promises.ticket_id,
        targets.target,
        targets.business_hours,
        row_number() over (
            partition by promises.ticket_id
            order by
                promises.policy_applied_at desc nulls last,
                targets.sla_policy_updated_at desc nulls last,
                targets.index desc nulls last
        ) as place
    from promises
    inner join tickets on promises.ticket_id = tickets.id
    inner join targets
        on
            promises.sla_policy_id = targets.sla_policy_id
            and tickets.priority = targets.priority
            and promises.policy_applied_at >= targets.sla_policy_updated_at
    where targets.metric = 'first_reply_time'

)

select
    ---------- ids
    tickets.id as case_id,
    users.external_id as customer_id,
    cast(null as {{ dbt.type_string() }}) as order_id,
    cast(null as {{ dbt.type_string() }}) as product_id,
    cast(null as {{ dbt.type_string() }}) as serial,
    cast(null as {{ dbt.type_string() }}) as merged_into_case_id,

    ---------- properties
    case when tickets.type in ('problem', 'incident') then 'complaint' else 'question' end as kind,
    cast(null as {{ dbt.type_string() }}) as reason,
    cast(null as {{ dbt.type_string() }}) as team,
    cast(coalesce(resolutions.reopened_count, 0) as integer) as reopened_count,
    case when not promised.business_hours then promised.target end as promised_reply_minutes,
    cast(null as integer) as agent_minutes,
    cast(null as numeric(14, 2)) as goodwill_cost,

    ---------- times
    tickets.created_at as opened_at,
    replies.first_reply_at,
    cast(null as {{ type_instant() }}) as answered_by_phone_at,
    case when tickets.status in ('solved', 'closed') then resolutions.resolved_at end
        as resolved_at,
    cast(null as {{ type_instant() }}) as merged_at,
    cast(null as {{ type_instant() }}) as promised_callback_at,
    cast(null as {{ type_instant() }}) as called_back_at,
    cast(null as {{ type_instant() }}) as promised_repair_at
from tickets
left join users on tickets.requester_id = users.id
left join replies on tickets.id = replies.ticket_id
left join resolutions on tickets.id = resolutions.ticket_id
left join promised
    on
        tickets.id = promised.ticket_id
        and promised.place = 1
where tickets.status <> 'deleted'
