{{ config(post_hook="{{ analyze() }}") }}

-- Pairs of accounts that are or were one person, in both directions, through others as well. The
-- smallest id of a group spreads a step a round: chains longer than the rounds are not known.
{%- set rounds = 8 %}

with delivered as (

    {{ union_systems('account_links') }}

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
pairs as (

    select
        accounts.customer_id,
        others.customer_id as linked_customer_id
    from round_{{ rounds - 1 }} as accounts
    inner join round_{{ rounds - 1 }} as others
        on accounts.group_id = others.group_id
    where accounts.customer_id <> others.customer_id

)

select * from pairs
