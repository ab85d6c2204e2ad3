-- Where the chain of merges of each account ends, a step a round. In a circle the earliest merge
-- gives way, of several at one instant that of the smallest id. Of an account whose chain is longer
-- than the rounds the merge is set aside. A few rounds are planned at a time: the orders in which
-- all their joins could be made take longer to compare than a night's merges to follow.
{%- set rounds = longest_merge_chain() %}
{%- set planned_together = 4 %}

with standing as (

    select * from {{ ref('int_merges_standing') }}

),

step_1 as (

    select
        account_id,
        into_account_id as reached_id,
        merge_no as earliest_merge_no,
        false as is_in_circle
    from standing

),

{% for number in range(2, rounds + 1) -%}
step_{{ number }} as {{ computed_once() if number is divisibleby(planned_together) }} (

    select
        steps.account_id,
        coalesce(standing.into_account_id, steps.reached_id) as reached_id,
        least(steps.earliest_merge_no, coalesce(standing.merge_no, steps.earliest_merge_no))
            as earliest_merge_no,
        steps.is_in_circle or coalesce(standing.into_account_id = steps.account_id, false)
            as is_in_circle
    from step_{{ number - 1 }} as steps
    left join standing on steps.reached_id = standing.account_id

),

{% endfor -%}
circles as (

    select
        reached.account_id,
        reached.is_in_circle,
        givers_way.account_id as root_id
    from step_{{ rounds }} as reached
    inner join standing as givers_way on reached.earliest_merge_no = givers_way.merge_no

),

ended as (

    select
        reached.account_id,
        case
            when circles.account_id is null then reached.reached_id
            when circles.is_in_circle then circles.root_id
        end as root_id
    from step_{{ rounds }} as reached
    left join circles on reached.reached_id = circles.account_id

),

final as (

    select
        ended.account_id,
        coalesce(ended.root_id, ended.account_id) as root_id,
        standing.merged_at,
        case
            when ended.root_id is null then 'chain_too_long'
            when ended.root_id = ended.account_id then 'circle'
        end as set_aside_for
    from ended
    inner join standing on ended.account_id = standing.account_id

)

select * from final
