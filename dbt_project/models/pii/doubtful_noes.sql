{{ config(post_hook="{{ analyze() }}") }}

-- Whom a no may mean that names nobody as it is written: by an id that is the same but for its
-- spelling, or by an address where an id should be. It stops a contact and does nothing else.

with noes as (

    select * from {{ ref('unattributed_noes') }}

),

standing as (

    select
        kind,
        customer_id,
        channel,
        purpose,
        {{ loose_id('customer_id') }} as term
    from {{ ref('int_standing_noes') }}

),

customers as (

    select
        account_id as customer_id,
        {{ loose_id('account_id') }} as term
    from {{ ref('customer_accounts') }}
    -- nobody's id is worked out while there is nothing to compare it with
    where exists (select 1 from noes)

),

addresses as (

    select
        customer_id,
        address
    from {{ ref('customer_addresses') }}
    where exists (select 1 from noes)

),

written as (

    select
        noes.kind,
        noes.said as customer_id,
        cast(null as bigint) as delivery_id,
        cast(null as bigint) as line,
        {{ loose_id('noes.said') }} as term,
        forms.normal as address
    from noes
    left join {{ source('personal', 'normal_forms') }} as forms
        on
            noes.said = forms.original
            and forms.kind = 'email'
            and forms.country = ''
    where noes.line is null

),

in_quarantine as (

    select
        noes.kind,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        noes.delivery_id,
        noes.line,
        case cells.kind when 'cell' then {{ loose_id('cells.term') }} end as term,
        case when cells.kind <> 'cell' then cells.term end as address
    from noes
    inner join {{ source('personal', 'quarantined_terms') }} as cells
        on
            noes.delivery_id = cells.delivery_id
            and noes.line = cells.line

),

clues as (

    select * from written
    union all
    select * from in_quarantine

),

meant as (

    select
        clues.kind,
        clues.customer_id as said,
        customers.customer_id
    from clues
    inner join customers on clues.term = customers.term
    where clues.term <> ''

    union

    select
        clues.kind,
        clues.customer_id as said,
        addresses.customer_id
    from clues
    inner join addresses on clues.address = addresses.address

),

-- What stands in quarantine closes every channel: which one it meant could not be read.
doubtful_noes as (

    select
        meant.customer_id,
        case when meant.kind = 'consent' then standing.channel end as channel,
        case meant.kind
            when 'farewell' then 'farewell_in_doubt'
            else 'consent_in_doubt'
        end as stop_code
    from meant
    left join standing
        on
            meant.said = standing.customer_id
            and meant.kind = 'consent'
            and standing.kind in ('consent', 'opt_out', 'complaint')
    group by
        meant.customer_id,
        case when meant.kind = 'consent' then standing.channel end,
        case meant.kind
            when 'farewell' then 'farewell_in_doubt'
            else 'consent_in_doubt'
        end

)

select * from doubtful_noes
