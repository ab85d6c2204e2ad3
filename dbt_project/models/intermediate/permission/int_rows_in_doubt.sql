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
        {{ lower_case('cells.term') }} as term
    from unread
    inner join {{ source('personal', 'quarantined_terms') }} as cells
        on
            unread.delivery_id = cells.delivery_id
            and unread.line = cells.line
    where cells.kind = 'cell'

),

accounts as (

    {{ every_account() }}

),

ids as (

    select
        'customer' as name,
        account_id as id,
        cast(null as {{ dbt.type_string() }}) as beside,
        customer_id
    from accounts
    union all
    select
        'order' as name,
        order_id as id,
        null as beside,
        customer_id
    from {{ ref('int_orders_unioned') }}
    union all
    select
        'refund' as name,
        refunds.refund_id as id,
        null as beside,
        orders.customer_id
    from {{ ref('int_refunds_unioned') }} as refunds
    inner join {{ ref('int_orders_unioned') }} as orders on refunds.order_id = orders.order_id
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
    from {{ ref('int_surveys_known') }}
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

words as (

    select distinct term from terms

),

-- There are far more ids than words: each id is looked for among these, none is put in order.
named as (

    select
        ids.*,
        words.term
    from ids
    inner join words on {{ lower_case('ids.id') }} = words.term
    where ids.customer_id is not null

),

found as (

    select
        terms.delivery_id,
        terms.line,
        terms.about,
        terms.delivered_on,
        named.customer_id,
        named.name,
        named.id,
        named.beside
    from terms
    inner join named on terms.term = named.term
    where
        case terms.feed
            {%- for feed, names in ids_of.items() %}
            when '{{ feed }}'
                then named.name in (
                    {%- for name in names %}
                    '{{ name }}'{{ ',' if not loop.last }}
                    {%- endfor %}
                )
            {%- endfor %}
            else true
        end

),

-- The few that need another cell beside them are told apart before that cell is looked for: of all
-- that was found it would be looked for among all cells.
meant as (

    select
        customer_id,
        about,
        name,
        id,
        delivered_on
    from found
    where beside is null
    union all
    select
        found.customer_id,
        found.about,
        found.name,
        found.id,
        found.delivered_on
    from found
    inner join terms as others
        on
            found.delivery_id = others.delivery_id
            and found.line = others.line
            and found.about = others.about
            and {{ lower_case('found.beside') }} = others.term

),

final as (

    select
        customer_id,
        about,
        name as entity,
        id as entity_id,
        max(delivered_on) as delivered_on
    from meant
    group by customer_id, about, name, id

)

select * from final
union all
select * from {{ ref('int_rows_misnamed') }}
