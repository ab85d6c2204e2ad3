{{ config(post_hook="{{ analyze() }}") }}

-- Whom a row that could not be read may be about, by any id in it that is known: it stands for a
-- purchase or a case of theirs, or would have replaced what is known of one. Of another system's
-- rows nobody says which of their cells is which id. And whom a row that could be read may be
-- about, under an id that is theirs but for its spelling.
{%- set ids_of = {
    'orders': ['customer', 'order'],
    'order_lines': ['order'],
    'refunds': ['order', 'refund'],
    'cases': ['customer', 'order', 'case', 'unit'],
    'surveys': ['customer', 'case', 'survey'],
    'customers': ['customer'],
    'identities': ['customer'],
    'addresses': ['customer'],
    'units': ['customer', 'order', 'unit'],
    'loyalty': ['customer', 'order', 'loyalty_entry'],
    'referrals': ['customer', 'referral'],
    'events': ['event'],
} %}

with unread as (

    select * from {{ ref('unread_rows') }}

),

terms as (

    select
        unread.delivery_id,
        unread.line,
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
        cast(null as {{ dbt.type_string() }}) as beside,
        customer_id
    from {{ ref('customer_accounts') }}
    union all
    select
        'order' as name,
        order_id as id,
        null as beside,
        customer_id
    from orders
    union all
    select
        'refund' as name,
        refunds.refund_id as id,
        null as beside,
        orders.customer_id
    from {{ ref('int_refunds_unioned') }} as refunds
    inner join orders on refunds.order_id = orders.order_id
    union all
    select
        'case' as name,
        case_id as id,
        null as beside,
        customer_id
    from {{ ref('int_cases_unioned') }}
    union all
    select
        'survey' as name,
        survey_id as id,
        null as beside,
        customer_id
    from ({{ union_systems('surveys') }}) as surveys
    union all
    -- a serial is one product's
    select
        'unit' as name,
        serial as id,
        product_id as beside,
        customer_id
    from ({{ union_systems('units') }}) as units
    union all
    select
        'loyalty_entry' as name,
        entry_id as id,
        null as beside,
        customer_id
    from ({{ union_systems('loyalty_entries') }}) as loyalty_entries
    union all
    select
        'referral' as name,
        referral_id as id,
        null as beside,
        referrer_customer_id as customer_id
    from ({{ union_systems('referrals') }}) as referrals
    union all
    -- whoever could be asked to it
    select
        'event' as name,
        events.event_id as id,
        null as beside,
        homes.customer_id
    from ({{ union_systems('events') }}) as events
    inner join {{ ref('customer_homes') }} as homes
        on {{ town('events.country', 'events.city') }} = homes.town
    where 'events' in (select terms.feed from terms)

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
    left join terms as others
        on
            terms.delivery_id = others.delivery_id
            and terms.line = others.line
            and terms.about = others.about
            and lower(ids.beside) = others.term
    where
        ids.customer_id is not null
        and (
            ids.beside is null
            or others.term is not null
        )
        and case terms.feed
            {%- for feed, names in ids_of.items() %}
            when '{{ feed }}'
                then ids.name in (
                    {%- for name in names %}
                    '{{ name }}'{{ ',' if not loop.last }}
                    {%- endfor %}
                )
            {%- endfor %}
            else true
        end
    group by ids.customer_id, terms.about, ids.name, ids.id

)

select * from meant
union all
select * from {{ ref('int_rows_misnamed') }}
