{{ config(post_hook=["{{ analyze() }}", "{{ await_publication() }}"]) }}

{#- References stand before the branches, so that dbt sees them whichever branch a night takes. -#}
{%- set deliveries_changed = ref('stg_deliveries_changed') -%}
{%- set orders_now = ref('int_orders_unioned') -%}
{%- set refunds_now = ref('int_refunds_unioned') -%}
{%- set order_lines_now = ref('int_order_lines_unioned') -%}
{%- set rates_now = ref('int_order_rates') -%}
{%- set points_now = union_systems('loyalty_entries', of='accounts') -%}
{%- set changes = union_systems('changes') -%}
{%- set people_now = ref('int_account_people') -%}
{%- set moved = moved_accounts() -%}
{%- set orders_before = built_before('marts', 'fct_orders') -%}
{%- set lines_before = built_before('marts', 'fct_order_lines') -%}
{%- set refunds_before = built_before('marts', 'fct_refunds') -%}
{%- set points_before = built_before('marts', 'fct_loyalty_entries') -%}
{%- set all_tell = systems_with('changes') | length == var('systems') | length %}

{% if not (orders_before and lines_before and refunds_before) -%}

-- A full build writes everybody.
select cast(null as {{ dbt.type_string() }}) as source_customer_id
where 1 = 0

{%- else -%}

with changed as (

    {{ changes }}

),

people_now as (

    select * from {{ people_now }}

),

moved as (

    {{ moved }}

),

-- What waited for its day is later than everything that the last build counted; no delivery names
-- it tonight. All orders and refunds are read where they are asked for few of them: a step of
-- theirs that is read twice would be written down first.
due_orders as (

    select orders_now.order_id
    from {{ orders_now }} as orders_now
    where
        orders_now.ordered_on > (
            select coalesce(max(orders_before.ordered_on), cast('0001-01-01' as date))
            from {{ orders_before }} as orders_before
        )

),

due_refunds as (

    select refunds_now.refund_id
    from {{ refunds_now }} as refunds_now
    where
        refunds_now.refunded_on > (
            select coalesce(max(refunds_before.refunded_on), cast('0001-01-01' as date))
            from {{ refunds_before }} as refunds_before
        )

),

points_now as (

    {{ points_now }}

),

due_points as (

    select
        order_id,
        customer_id
    from points_now
    where
        booked_at < {{ as_of_end() }}
        {%- if points_before %}
        and {{ local_date('booked_at') }} > (
            select coalesce(max(points_before.booked_on), cast('0001-01-01' as date))
            from {{ points_before }} as points_before
        )
        {%- endif %}

),

-- A rate that came or was corrected, or is too old no more: nothing else of the order is new.
rated_orders as (

    select orders_before.order_id
    from {{ orders_before }} as orders_before
    left join {{ rates_now }} as rates_now on orders_before.order_id = rates_now.order_id
    where
        orders_before.currency <> '{{ var("reporting_currency") | upper }}'
        and orders_before.exchange_rate is distinct from rates_now.rate

),

{% if all_tell -%}

changed_refunds as (

    select
        refunds_now.order_id,
        {{ unmatched_customer('refunds_now') }} as source_customer_id
    from {{ refunds_now }} as refunds_now
    where
        refunds_now.refund_id in (select changed.id from changed where changed.kind = 'refund')
        or refunds_now.refund_id in (select due_refunds.refund_id from due_refunds)

),

changed_orders as (

    select id as order_id
    from changed
    where kind = 'order'
    union
    select order_id from due_orders
    union
    select order_id
    from due_points
    where order_id is not null
    union
    select order_id from rated_orders
    union
    select order_id
    from changed_refunds
    where order_id is not null

),

-- Whoever had it, has it, or may have had it: an order that moves touches two customers, one
-- that comes after its lines or refunds touches the unknown member they waited under.
touched as (

    select orders_before.source_customer_id
    from {{ orders_before }} as orders_before
    where orders_before.order_id in (select changed_orders.order_id from changed_orders)
    union
    select orders_now.customer_id as source_customer_id
    from {{ orders_now }} as orders_now
    where orders_now.order_id in (select changed_orders.order_id from changed_orders)
    union
    select {{ unknown_customer('changed_orders.order_id') }} as source_customer_id
    from changed_orders
    union
    select refunds_before.source_customer_id
    from {{ refunds_before }} as refunds_before
    inner join changed
        on
            refunds_before.refund_id = changed.id
            and changed.kind = 'refund'
    union
    select changed_refunds.source_customer_id
    from changed_refunds
    where changed_refunds.order_id is null
    union
    select coalesce(people_now.customer_id, changed.id) as source_customer_id
    from changed
    left join people_now on changed.id = people_now.account_id
    where changed.kind = 'customer'
    union
    select coalesce(people_now.customer_id, due_points.customer_id) as source_customer_id
    from due_points
    left join people_now on due_points.customer_id = people_now.account_id
    union
    select account_id as source_customer_id
    from moved
    union
    select customer_id_now as source_customer_id
    from moved
    where customer_id_now is not null
    union
    select customer_id_before as source_customer_id
    from moved
    where customer_id_before is not null
    union
    select order_lines_before.source_customer_id
    from {{ lines_before }} as order_lines_before
    inner join changed
        on
            order_lines_before.product_id = changed.id
            and changed.kind = 'product'

)

{%- else -%}

-- A system that does not say what changed: all of its customers, and so everybody.
touched as (

    select orders_before.source_customer_id from {{ orders_before }} as orders_before
    union
    select order_lines_before.source_customer_id from {{ lines_before }} as order_lines_before
    union
    select refunds_before.source_customer_id from {{ refunds_before }} as refunds_before
    union
    select orders_now.customer_id as source_customer_id from {{ orders_now }} as orders_now
    union
    select {{ unmatched_customer('refunds_now') }} as source_customer_id
    from {{ refunds_now }} as refunds_now
    union
    select {{ unknown_customer('lines_now.order_id') }} as source_customer_id
    from {{ order_lines_now }} as lines_now
    union
    select coalesce(people_now.customer_id, points_now.customer_id) as source_customer_id
    from points_now
    left join people_now on points_now.customer_id = people_now.account_id
    {%- if points_before %}
    union
    select points_before.source_customer_id from {{ points_before }} as points_before
    {%- endif %}

)

{%- endif %}

select touched.source_customer_id
from touched
where
    exists (select 1 from {{ deliveries_changed }})
    or exists (select 1 from due_orders)
    or exists (select 1 from due_refunds)
    or exists (select 1 from due_points)
    or exists (select 1 from moved)
    or exists (select 1 from rated_orders)

{%- endif %}
