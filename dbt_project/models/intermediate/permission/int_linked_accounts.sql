{{ config(post_hook="{{ analyze() }}") }}

-- Pairs of accounts that are or were one person, in both directions, through others as well. The
-- smallest id of a group spreads a step a round, as far as merges are followed; where those of
-- tonight end is one step away, however many chains meet there. A group is one person from its
-- first merge to its last un-merge; null: to this day.
{%- set rounds = longest_merge_chain() %}

with delivered as (

    {{ union_systems('account_links') }}

),

roots as (

    select
        account_id,
        root_id
    from {{ ref('int_account_roots') }}

),

links as (

    select
        customer_id,
        linked_customer_id
    from delivered
    union
    select
        linked_customer_id as customer_id,
        customer_id as linked_customer_id
    from delivered
    union
    select
        customer_id,
        customer_id as linked_customer_id
    from delivered
    union
    select
        account_id as customer_id,
        root_id as linked_customer_id
    from roots
    union
    select
        root_id as customer_id,
        account_id as linked_customer_id
    from roots

),

round_0 as (

    select
        customer_id,
        min(linked_customer_id) as group_id
    from links
    group by customer_id

),

{% for number in range(1, rounds) -%}
round_{{ number }} as (

    select
        links.customer_id,
        min(others.group_id) as group_id
    from links
    inner join round_{{ number - 1 }} as others
        on links.linked_customer_id = others.customer_id
    group by links.customer_id

),

{% endfor -%}
spans as (

    select
        accounts.group_id,
        min(delivered.linked_from) as linked_from,
        case
            when max(case when delivered.linked_until is null then 1 else 0 end) = 0
                then max(delivered.linked_until)
        end as linked_until
    from delivered
    inner join round_{{ rounds - 1 }} as accounts
        on delivered.customer_id = accounts.customer_id
    group by accounts.group_id

),

pairs as (

    select
        accounts.customer_id,
        others.customer_id as linked_customer_id,
        spans.linked_from,
        spans.linked_until
    from round_{{ rounds - 1 }} as accounts
    inner join round_{{ rounds - 1 }} as others
        on accounts.group_id = others.group_id
    inner join spans on accounts.group_id = spans.group_id
    where accounts.customer_id <> others.customer_id

)

select * from pairs
