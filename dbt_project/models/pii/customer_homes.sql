{%- set is_spelt_before = regulars.built_before('pii', 'customer_homes') %}

-- Where a person lives: the latest word of all their accounts. To bring an address into one
-- spelling is most of the work; of one that stands as it was, the last build has done it.

with delivered as (

    {{ union_systems('addresses') }}

),

accounts as (

    select * from {{ ref('customer_accounts') }}

),

known as (

    select
        accounts.customer_id,
        delivered.street,
        delivered.postcode,
        delivered.city,
        delivered.country,
        row_number() over (
            partition by accounts.customer_id
            order by
                delivered.changed_at desc nulls last,
                case when accounts.is_own then 0 else 1 end asc nulls last,
                {{ text_order('accounts.account_id') }} asc nulls last
        ) as place
    from delivered
    inner join accounts on delivered.customer_id = accounts.account_id
    where delivered.changed_at < {{ as_of_end() }}

),

{% if is_spelt_before -%}

spelt as (

    select
        known.*,
        before.customer_id is not null as is_spelt,
        before.town as town_before,
        before.home_key as home_key_before
    from known
    left join {{ this }} as before
        on
            known.customer_id = before.customer_id
            and known.street is not distinct from before.street
            and known.postcode is not distinct from before.postcode
            and known.city is not distinct from before.city
            and known.country is not distinct from before.country
    where known.place = 1

),

{%- else -%}

spelt as (

    select
        known.*,
        false as is_spelt,
        cast(null as {{ dbt.type_string() }}) as town_before,
        cast(null as {{ dbt.type_string() }}) as home_key_before
    from known
    where known.place = 1

),

{%- endif %}

plain as {{ computed_once() }} (

    select
        spelt.*,
        case when not is_spelt then {{ plain_street('street') }} end as plain_street,
        case when not is_spelt then {{ plain_postcode('postcode') }} end as plain_postcode
    from spelt

),

final as (

    select
        customer_id,
        street,
        postcode,
        city,
        country,
        street is not null and coalesce(postcode, city) is not null as is_complete,
        case when is_spelt then town_before else {{ town('country', 'city') }} end as town,
        case
            when is_spelt then home_key_before
            else {{ home_key('country', 'plain_postcode', 'plain_street') }}
        end as home_key
    from plain

)

select * from final
