{{ config(post_hook="{{ analyze() }}") }}

-- Whom a no may mean that names nobody as it is written: by an id that is the same but for its
-- spelling, or by an address where an id should be. It stops a contact and does nothing else.

with words as (

    select * from {{ ref('unheeded_words') }}

),

standing as (

    select
        kind,
        customer_id,
        channel,
        purpose,
        {{ loose_id('customer_id') }} as word
    from {{ ref('int_standing_noes') }}

),

customers as (

    select
        account_id as customer_id,
        {{ loose_id('account_id') }} as word
    from {{ ref('customer_accounts') }}
    -- nobody's id is worked out while there is nothing to compare it with
    where exists (select 1 from words)

),

addresses as (

    select
        customer_id,
        address
    from {{ ref('customer_addresses') }}
    where exists (select 1 from words)

),

written as (

    select
        words.kind,
        words.said as customer_id,
        cast(null as bigint) as delivery_id,
        cast(null as bigint) as line,
        {{ loose_id('words.said') }} as word,
        forms.normal as address
    from words
    left join {{ source('personal', 'normal_forms') }} as forms
        on
            words.said = forms.original
            and forms.kind = 'email'
            and forms.country = ''
    where words.line is null

),

in_quarantine as (

    select
        words.kind,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        words.delivery_id,
        words.line,
        case cells.kind when 'cell' then {{ loose_id('cells.word') }} end as word,
        case when cells.kind <> 'cell' then cells.word end as address
    from words
    inner join {{ source('personal', 'quarantined_words') }} as cells
        on
            words.delivery_id = cells.delivery_id
            and words.line = cells.line

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
    inner join customers on clues.word = customers.word
    where clues.word <> ''

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
