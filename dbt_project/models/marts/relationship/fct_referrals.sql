{{ config(
    post_hook="{{ analyze(['referrer_customer_id', 'referred_customer_id', 'left_out_reason']) }}",
) }}

-- A person is brought once, by whoever was first, and before bringing anybody: so no chain of
-- referrals leads back to where it began. Whoever had long bought here was not brought by it; one
-- that is booked with the first order, or after it, is.
with delivered as (

    {{ union_systems('referrals') }}

),

customers as (

    select customer_id from {{ ref('int_customers_unioned') }}

),

purchases as (

    select
        customer_id,
        first_purchase_on
    from {{ ref('int_customer_purchases') }}

),

dated as (

    select
        delivered.*,
        {{ local_date('referred_at') }} as referred_on
    from delivered
    where referred_at < {{ as_of_end() }}

),

judged as (

    select
        dated.*,
        case
            when referrers.customer_id is null or referred.customer_id is null
                then 'unknown_customer'
            when dated.referrer_customer_id = dated.referred_customer_id
                then 'own_account'
            when
                purchases.first_purchase_on
                < {{ add_days('dated.referred_on', '-' ~ var('referral_grace_days')) }}
                then 'was_customer'
        end as fault
    from dated
    left join customers as referrers on dated.referrer_customer_id = referrers.customer_id
    left join customers as referred on dated.referred_customer_id = referred.customer_id
    left join purchases on dated.referred_customer_id = purchases.customer_id

),

placed as (

    select
        judged.*,
        row_number() over (
            order by referred_at asc nulls last, {{ text_order('referral_id') }} asc nulls last
        ) as place,
        row_number() over (
            partition by referred_customer_id, fault
            order by referred_at asc nulls last, {{ text_order('referral_id') }} asc nulls last
        ) as place_of_referred
    from judged

),

first_brought as (

    select
        referrer_customer_id,
        min(place) as place
    from placed
    where fault is null
    group by referrer_customer_id

),

final as (

    select
        placed.referral_id,
        case
            when placed.fault = 'unknown_customer' then {{ unknown_customer() }}
            else placed.referrer_customer_id
        end as referrer_customer_id,
        case
            when placed.fault = 'unknown_customer' then {{ unknown_customer() }}
            else placed.referred_customer_id
        end as referred_customer_id,
        placed.referred_at,
        placed.referred_on,
        case
            when placed.fault is not null then placed.fault
            when placed.place_of_referred > 1 then 'brought_before'
            when first_brought.place < placed.place then 'had_brought_others'
        end as left_out_reason
    from placed
    left join first_brought
        on placed.referred_customer_id = first_brought.referrer_customer_id

)

select * from final
