{{ config(post_hook="{{ analyze() }}") }}

-- Whom a row that could not be read may be about, by any id in it that is known: it stands for a
-- purchase or a case of theirs, or would have replaced what is known of one.

with unread as (

    select * from {{ ref('unread_rows') }}

),

terms as (

    select
        unread.feed,
        unread.about,
        unread.delivered_on,
        lower(cells.term) as term
    from unread
    inner join {{ source('personal', 'quarantined_terms') }} as cells
        on
            unread.delivery_id = cells.delivery_id
            and unread.line = cells.line
    where cells.kind = 'cell'

),

orders as (

    select
        order_id,
        customer_id
    from {{ ref('int_orders_unioned') }}

),

ids as (

    select
        'customer' as name,
        account_id as id,
        customer_id
    from {{ ref('customer_accounts') }}
    union all
    select
        'order' as name,
        order_id as id,
        customer_id
    from orders
    union all
    select
        'refund' as name,
        refunds.refund_id as id,
        orders.customer_id
    from {{ ref('int_refunds_unioned') }} as refunds
    inner join orders on refunds.order_id = orders.order_id
    union all
    select
        'case' as name,
        case_id as id,
        customer_id
    from ({{ union_systems('cases') }}) as cases
    union all
    select
        'survey' as name,
        survey_id as id,
        customer_id
    from ({{ union_systems('surveys') }}) as surveys

),

meant as (

    select
        ids.customer_id,
        terms.about,
        ids.name as entity,
        ids.id as entity_id,
        max(terms.delivered_on) as delivered_on
    from terms
    inner join ids on terms.term = lower(ids.id)
    where
        ids.customer_id is not null
        and case
            when terms.feed not in ('orders', 'order_lines', 'refunds', 'cases', 'surveys')
                then true  -- another system's: nobody says which of its cells is which id
            when ids.name = 'customer' then terms.feed in ('orders', 'cases', 'surveys')
            when ids.name = 'order' then terms.feed in ('orders', 'order_lines', 'refunds')
            when ids.name = 'refund' then terms.feed = 'refunds'
            when ids.name = 'case' then terms.feed in ('cases', 'surveys')
            when ids.name = 'survey' then terms.feed = 'surveys'
        end
    group by ids.customer_id, terms.about, ids.name, ids.id

)

select * from meant
