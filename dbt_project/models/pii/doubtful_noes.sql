{{ config(post_hook="{{ analyze() }}") }}

-- Whom a no may mean that names nobody as it is written: by an id that is the same but for its
-- spelling, or by an address where an id should be, a number's country left out or not. It stops a
-- contact and does nothing else.

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

accounts as (

    {{ every_account() }}

),

customers as (

    select
        account_id as customer_id,
        {{ loose_id('account_id') }} as term
    from accounts
    -- nobody's id is worked out while there is nothing to compare it with
    where exists (select 1 from noes)

),

known_addresses as (

    select
        customer_id,
        channel,
        address,
        national_number
    from {{ ref('customer_addresses') }}
    where exists (select 1 from noes)

),

suppression_key as (

    select key from {{ source('decisions', 'suppression_key') }}

),

written as (

    select
        noes.kind,
        noes.said as customer_id,
        cast(null as bigint) as delivery_id,
        cast(null as bigint) as line,
        {{ loose_id('noes.said') }} as term,
        forms.normal as address,
        cast(null as {{ dbt.type_string() }}) as keyed_hash
    from noes
    left join {{ source('personal', 'normal_forms') }} as forms
        on
            noes.said = forms.original
            and forms.country = 'said'
    where noes.line is null

),

in_quarantine as (

    select
        noes.kind,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        noes.delivery_id,
        noes.line,
        case when clues.kind = 'cell' then clues.clue end as term,
        case when clues.kind in ('email', 'phone') then clues.clue end as address,
        case when clues.kind = 'keyed' then clues.keyed_hash end as keyed_hash
    from noes
    inner join {{ ref('quarantined_clues') }} as clues
        on
            noes.delivery_id = clues.delivery_id
            and noes.line = clues.line

),

clues as (

    select * from written
    union all
    select * from in_quarantine

),

keyed_clues as (

    select * from clues
    where keyed_hash is not null

),

addresses as (

    select
        customer_id,
        channel,
        address
    from known_addresses
    union all
    select
        customer_id,
        channel,
        national_number as address
    from known_addresses
    where
        channel = 'phone'
        and exists (
            select 1 from clues
            where
                clues.keyed_hash is not null
                or (clues.address not like '+%' and clues.address not like '%@%')
        )

),

-- Whom a line means whose text is gone; nobody is hashed while there is none.
keyed as (

    select
        customers.customer_id,
        {{ keyed_clue('suppression_key.key', "'cell'", 'customers.term') }} as keyed_hash
    from customers
    cross join suppression_key
    where exists (select 1 from keyed_clues)

    union all

    select
        addresses.customer_id,
        {{ keyed_clue('suppression_key.key', 'addresses.channel', 'addresses.address') }}
    from addresses
    cross join suppression_key
    where exists (select 1 from keyed_clues)

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

    union

    select
        clues.kind,
        clues.customer_id as said,
        keyed.customer_id
    from keyed_clues as clues
    inner join keyed on clues.keyed_hash = keyed.keyed_hash

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
