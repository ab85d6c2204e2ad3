{{ config(post_hook="{{ analyze() }}") }}

{#- References stand before the branches, so that dbt sees them whichever branch a night takes. -#}
{%- set touched_now = ref('int_touched_customers') -%}
{%- set customers_now = ref('customer_rfm') -%}
{%- set peers_now = ref('int_category_peers') -%}
{%- set peers_before = ref('int_category_peers_before') -%}
{%- set quintiles_before = built_before('intermediate', 'int_peer_quintiles') -%}

{% if not quintiles_before -%}

-- A full build writes everybody.
select cast(null as {{ dbt.type_string() }}) as customer_id
where 1 = 0

{%- else -%}

with customers_now as (

    select
        customer_id,
        money_quintile
    from {{ customers_now }}
    where money_quintile is not null

),

-- A category more or less, or another share: who never bought of it may lag in it as well.
changed_quintiles as (

    select coalesce(peers_now.money_quintile, peers_before.money_quintile) as money_quintile
    from {{ peers_now }} as peers_now
    full outer join {{ peers_before }} as peers_before
        on
            peers_now.money_quintile = peers_before.money_quintile
            and peers_now.category = peers_before.category
    where peers_now.peers_share is distinct from peers_before.peers_share

)

select source_customer_id as customer_id
from {{ touched_now }}
union
select coalesce(customers_now.customer_id, quintiles_before.customer_id) as customer_id
from customers_now
full outer join {{ quintiles_before }} as quintiles_before
    on customers_now.customer_id = quintiles_before.customer_id
where customers_now.money_quintile is distinct from quintiles_before.money_quintile
union
select customer_id
from customers_now
where money_quintile in (select changed_quintiles.money_quintile from changed_quintiles)

{%- endif %}
