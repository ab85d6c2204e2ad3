{{ config(materialized="view") }}
{%- set in_turn = call_lists() %}

-- One call a day: whoever qualifies for several service lists by telephone is called for the first
-- that has a seat for them tonight. So whom a list lets wait is called for the next, and nobody
-- waits for a list that is withheld.

with queues as (

    select
        eligibility.list_code,
        eligibility.customer_id,
        eligibility.score,
        eligibility.tie_break_value,
        definitions.capacity,
        definitions.name_in_words
    from {{ ref('int_list_eligibility') }} as eligibility
    inner join {{ ref('list_definitions') }} as definitions
        on eligibility.list_code = definitions.list_code
    left join {{ ref('withheld_lists') }} as withheld
        on eligibility.list_code = withheld.list_code
    where
        eligibility.exclusion_code is null
        and withheld.list_code is null

),

{% for list_code in in_turn -%}
not_called_before_{{ list_code }} as (

    select
        queues.*,
        row_number() over (
            order by
                queues.score desc nulls last,
                queues.tie_break_value desc nulls last,
                {{ text_order('queues.customer_id') }} asc nulls last
        ) as seat
    from queues
    {%- for earlier in in_turn[:loop.index0] %}
    left join called_for_{{ earlier }}
        on queues.customer_id = called_for_{{ earlier }}.customer_id
    {%- endfor %}
    where
        queues.list_code = '{{ list_code }}'
        {%- for earlier in in_turn[:loop.index0] %}
        and called_for_{{ earlier }}.customer_id is null
        {%- endfor %}

),

called_for_{{ list_code }} as (

    select
        customer_id,
        list_code,
        name_in_words as called_for
    from not_called_before_{{ list_code }}
    where seat <= coalesce(capacity, seat)

),

{% endfor -%}
service_calls as (

    {% for list_code in in_turn -%}
    select * from called_for_{{ list_code }}
    union all
    {% endfor -%}
    select
        customer_id,
        list_code,
        name_in_words as called_for
    from queues
    where 1 = 0

)

select * from service_calls
