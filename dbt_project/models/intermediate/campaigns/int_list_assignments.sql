{{ config(pre_hook="{{ never_row_by_row() }}") }}

-- Who gets which list and which place; each with a reason if none. Order: one marketing list a
-- household and one call a person, then capacity. A held person keeps the list they are held on and
-- never falls to a lower one; nor does anybody whose marketing list is withheld tonight.
{#- A partition begins with what has most values: what it is sorted by first decides most. -#}
{%- set of_household %}
partition by gains.household_id, gains.class
order by
    gains.priority asc nulls last,
    gains.rank_score desc nulls last,
    {{ text_order('gains.customer_id') }} asc nulls last,
    {{ text_order('gains.list_code') }} asc nulls last
{%- endset %}
{%- set of_list %}
partition by list_code, turn = 1
order by
    rank_score desc nulls last,
    tie_break_value desc nulls last,
    {{ text_order('customer_id') }} asc nulls last
{%- endset %}

with gains as (

    select * from {{ ref('int_list_gains') }}

),

withheld as (

    select * from {{ ref('withheld_lists') }}

),

calls as (

    select * from {{ ref('int_service_calls') }}

),

in_turn as (

    select
        gains.*,
        calls.called_for,
        case
            when gains.class = 'marketing' then row_number() over ({{ of_household }})
            when calls.list_code <> gains.list_code then 2
            else 1
        end as turn,
        first_value(gains.priority) over ({{ of_household }}) as first_priority,
        first_value(gains.customer_id) over ({{ of_household }}) as first_customer_id
    from gains
    left join calls
        on
            gains.customer_id = calls.customer_id
            and gains.class = 'service'
            and gains.channel = 'phone'

),

-- Held people take no seat, but only those who would have got one are in the comparison.
seated as (

    select
        in_turn.*,
        row_number() over ({{ of_list }}) as rank,
        sum(case when arm = 'treat' then 1 else 0 end) over (
            {{ of_list }}
            rows between unbounded preceding and current row
        ) + case when arm = 'hold' then 1 else 0 end as seat
    from in_turn

),

assigned as (

    select
        seated.*,
        seated.seat - seated.capacity as place_in_queue,
        withheld.reason as missing_feeds,
        case
            when withheld.list_code is not null then 'withheld'
            when seated.turn > 1 and seated.class = 'service' then 'other_call'
            when seated.turn > 1 then 'other_list'
            when seated.seat > seated.capacity then 'waiting_list'
        end as left_out_code,
        case
            when withheld.list_code is not null then 'withheld'
            when seated.turn > 1 and seated.class = 'service' then 'other_call'
            when seated.turn > 1 and seated.priority = seated.first_priority
                then 'housemate_is_on_it'
            when seated.turn > 1 and seated.customer_id = seated.first_customer_id
                then 'other_list'
            when seated.turn > 1 then 'housemate_comes_first'
            when seated.seat > seated.capacity then 'waiting_list'
        end as left_out_sentence_code
    from seated
    left join withheld on seated.list_code = withheld.list_code

),

explained as (

    select
        assigned.*,
        {{ shared_sentence('left_out_sentence_code', 'exclusions', [
            'withheld', 'other_list', 'housemate_is_on_it', 'housemate_comes_first', 'other_call',
            'waiting_list',
        ]) }} as left_out_reason
    from assigned

)

select * from explained
