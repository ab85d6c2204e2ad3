-- Tonight's marketing contacts twice over: as the lists' fixed priorities give them, and as the
-- greatest expected gain would for the same money. The second is told, not done.
--   A household goes to the list that gains most on it, if it gains anything; a list takes no more
--   than its capacity; then contacts are bought in order of gain for money, until it is spent.

with gains as (

    select
        assignments.*,
        case when left_out_code is null then 1 else 0 end as is_on_it
    from {{ ref('int_list_assignments') }} as assignments
    where
        class = 'marketing'
        and arm = 'treat'
        and coalesce(left_out_code, '') <> 'withheld'

),

money as {{ computed_once() }} (

    select
        coalesce(
            {{ var('contact_budget') if var('contact_budget') is not none else 'null' }},
            sum(case when is_on_it = 1 then contact_cost end),
            0
        ) as budget
    from gains

),

best as (

    select
        gains.*,
        row_number() over (
            partition by household_id
            order by
                expected_gain desc nulls last,
                priority asc nulls last,
                {{ text_order('customer_id') }} asc nulls last
        ) as choice
    from gains
    where expected_gain > 0

),

seated as (

    select
        best.*,
        row_number() over (
            partition by list_code
            order by
                expected_gain desc nulls last,
                {{ text_order('customer_id') }} asc nulls last
        ) as place
    from best
    where choice = 1

),

bought as (

    select
        seated.*,
        sum(contact_cost) over (
            order by
                {{ ratio('expected_gain', 'contact_cost', 6) }} desc nulls first,
                {{ text_order('list_code') }} asc nulls last,
                {{ text_order('customer_id') }} asc nulls last
            rows between unbounded preceding and current row
        ) as spent
    from seated
    where place <= coalesce(capacity, place)

),

by_gain as (

    select
        bought.list_code,
        count(*) as people,
        sum(bought.contact_cost) as cost,
        sum(bought.expected_gain) as gain,
        min(bought.expected_gain) as last_gain
    from bought
    cross join money
    where bought.spent <= money.budget
    group by bought.list_code

),

by_priority as (

    select
        list_code,
        sum(is_on_it) as people,
        sum(case when expected_gain > 0 then 1 else 0 end) as worth_it,
        sum(case when is_on_it = 1 then contact_cost else 0 end) as cost,
        sum(case when is_on_it = 1 then expected_gain else 0 end) as gain,
        min(case when is_on_it = 1 then expected_gain end) as last_gain,
        max(case when is_effect_measured then 1 else 0 end) = 1 as is_effect_measured
    from gains
    group by list_code

),

contact_allocation as (

    select
        by_priority.list_code,
        {{ as_of() }} as as_of,
        by_priority.is_effect_measured,
        cast(by_priority.worth_it as integer) as people_worth_it,
        cast(by_priority.people as integer) as people_by_priority,
        cast(by_priority.cost as numeric(14, 2)) as cost_by_priority,
        cast(by_priority.gain as numeric(14, 2)) as gain_by_priority,
        cast(by_priority.last_gain as numeric(14, 2)) as last_gain_by_priority,
        cast(coalesce(by_gain.people, 0) as integer) as people_by_gain,
        cast(coalesce(by_gain.cost, 0) as numeric(14, 2)) as cost_by_gain,
        cast(coalesce(by_gain.gain, 0) as numeric(14, 2)) as gain_by_gain,
        cast(by_gain.last_gain as numeric(14, 2)) as last_gain_by_gain
    from by_priority
    left join by_gain on by_priority.list_code = by_gain.list_code

)

select * from contact_allocation
