{{ config(post_hook="{{ analyze() }}") }}

-- Whose a unit was, one owner after the other. A first owner has it from when it was bought, a
-- later one from when they registered it or, if that is not told, from when we were told of them;
-- until it left their use, at the latest until the next one had it.
with units as (

    select
        unit_id,
        source_customer_id,
        purchased_on,
        retired_on,
        retired_how
    from {{ ref('int_units_unioned') }}

),

delivered as (

    {{ union_systems('unit_versions') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

versions as (

    select
        {{ unit_id('product_id', 'serial') }} as unit_id,
        customer_id,
        bought_on,
        registered_on,
        retired_on,
        retired_how,
        {{ local_date('version_at') }} as known_on,
        row_number() over (
            partition by product_id, serial
            order by
                version_at asc nulls last,
                delivery_rank asc nulls last,
                line asc nulls last
        ) as version_no
    from delivered

),

compared as (

    select
        versions.*,
        lag(customer_id) over (
            partition by unit_id order by version_no asc nulls last
        ) as previous_customer_id
    from versions

),

turns as (

    select
        compared.*,
        sum(
            case
                when version_no = 1 or customer_id is distinct from previous_customer_id then 1
                else 0
            end
        ) over (
            partition by unit_id order by version_no asc nulls last
        ) as owner_no
    from compared

),

-- Of each owner's time the last word, and when the first was heard.
last_words as (

    select
        turns.*,
        min(known_on) over (partition by unit_id, owner_no) as first_known_on,
        row_number() over (
            partition by unit_id, owner_no order by version_no desc nulls last
        ) as place
    from turns

),

told as (

    select
        units.unit_id,
        last_words.owner_no,
        last_words.customer_id,
        last_words.bought_on,
        last_words.registered_on,
        last_words.retired_on,
        last_words.retired_how,
        last_words.first_known_on,
        lag(last_words.known_on) over (
            partition by units.unit_id order by last_words.owner_no asc nulls last
        ) as predecessor_known_on
    from last_words
    inner join units on last_words.unit_id = units.unit_id
    where last_words.place = 1

),

-- Inferred from an order line, or of a system that tells no versions.
untold as (

    select
        units.unit_id,
        1 as owner_no,
        units.source_customer_id as customer_id,
        units.purchased_on as bought_on,
        cast(null as date) as registered_on,
        units.retired_on,
        units.retired_how,
        cast(null as date) as first_known_on,
        cast(null as date) as predecessor_known_on
    from units
    left join versions
        on
            units.unit_id = versions.unit_id
            and versions.version_no = 1
    where versions.unit_id is null

),

owners as (

    select * from told
    union all
    select * from untold

),

begun as (

    select
        owners.*,
        case
            when owner_no = 1 then coalesce(bought_on, registered_on, first_known_on)
            when registered_on > predecessor_known_on and registered_on <= {{ as_of() }}
                then registered_on
            else first_known_on
        end as owned_from
    from owners

),

followed as (

    select
        begun.*,
        lead(owned_from) over (
            partition by unit_id order by owner_no asc nulls last
        ) as next_owned_from
    from begun

),

final as (

    select
        followed.unit_id,
        cast(followed.owner_no as integer) as owner_no,
        coalesce(customers.customer_id, {{ unknown_customer() }}) as customer_id,
        followed.owned_from,
        case
            when followed.retired_on <= coalesce(followed.next_owned_from, {{ as_of() }})
                then followed.retired_on
            else followed.next_owned_from
        end as owned_until,
        case
            when followed.retired_on <= {{ as_of() }} or followed.retired_on is null
                then followed.retired_how
        end as retired_how
    from followed
    left join customers on followed.customer_id = customers.customer_id

)

select * from final
