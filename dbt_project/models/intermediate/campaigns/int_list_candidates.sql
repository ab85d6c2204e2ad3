{{ config(
    pre_hook=["{{ never_row_by_row() }}", "{{ in_one_process() }}"],
    post_hook="{{ analyze(['list_code', 'customer_id', 'ineligible_code']) }}",
) }}

{% set language = words() if execute else none -%}

-- Who qualifies for which list tonight, and who was on it last time and no longer does, so that
-- there is a reason for leaving. The rest of whom a list is about is worked out when asked. What a
-- list says of somebody is put in words where it can be needed (`where_told`).

with previous as (

    select * from {{ ref('int_previous_list_members') }}

),

candidates as (

    {% for list_code in var('lists') -%}
    select
        '{{ list_code }}' as list_code,
        whom.customer_id,
        whom.ineligible_code,
        {{ list_sentence(list_code, 'ineligible_code', 'ineligible', language) }}
            as ineligible_reason,
        cast({{ contact_channel(list_code, 'whom') }} as {{ dbt.type_string() }})
            as contact_channel,
        cast(whom.score as numeric(18, 6)) as score,
        cast(whom.tie_break_value as numeric(18, 6)) as tie_break_value,
        cast(whom.value_at_stake as numeric(18, 6)) as value_at_stake,
        cast(whom.response_probability as numeric(9, 6)) as response_probability,
        {% for place in [1, 2, 3] -%}
        {{ list_sentence(
            list_code, where_told(list_code, 'reason_' ~ place ~ '_code'), 'reasons', language
        ) }} as reason_{{ place }},
        {% endfor -%}
        {{ list_sentence(
            list_code, where_told(list_code, 'action_code'), 'actions', language
        ) }} as suggested_action,
        {{ where_told(list_code, list_details(list_code)) }} as details,
        previous.customer_id is not null as was_on_it
    from {{ ref(list_code) }} as whom
    left join previous
        on
            whom.customer_id = previous.customer_id
            and previous.list_code = '{{ list_code }}'
    where
        whom.ineligible_code is null
        or previous.customer_id = whom.customer_id
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from candidates
