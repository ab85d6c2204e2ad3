{{ config(post_hook="{{ analyze(['customer_id']) }}") }}

with referrals as (

    select * from {{ ref('fct_referrals') }}
    where left_out_reason is null

),

descendants as (

    select * from {{ ref('int_referral_descendants') }}

),

purchases as (

    select
        customer_id,
        purchase_days,
        historic_margin
    from {{ ref('int_customer_purchases') }}

),

made as (

    select
        referrer_customer_id as customer_id,
        count(*) as referrals,
        sum(case when referred_on > {{ add_days(as_of(), -365) }} then 1 else 0 end)
            as referrals_12m,
        max(referred_on) as last_referral_on
    from referrals
    group by referrer_customer_id

),

brought as (

    select
        descendants.customer_id,
        count(*) as people_all,
        sum(case when descendants.generation = 1 and purchases.purchase_days > 0 then 1 else 0 end)
            as buyers,
        sum(case when descendants.generation = 1 then purchases.historic_margin end) as margin,
        sum(purchases.historic_margin) as margin_all
    from descendants
    left join purchases on descendants.brought_customer_id = purchases.customer_id
    group by descendants.customer_id

),

people as (

    select customer_id from made
    union
    select referred_customer_id as customer_id from referrals

),

final as (

    select
        people.customer_id,
        came.referrer_customer_id as brought_by_customer_id,
        came.referred_on as brought_on,
        cast(coalesce(made.referrals, 0) as integer) as referrals,
        cast(coalesce(made.referrals_12m, 0) as integer) as referrals_12m,
        made.last_referral_on,
        cast(coalesce(brought.buyers, 0) as integer) as brought_buyers,
        cast(coalesce(brought.margin, 0) as numeric(14, 2)) as brought_margin,
        cast(coalesce(brought.people_all, 0) as integer) as brought_people_all,
        cast(coalesce(brought.margin_all, 0) as numeric(14, 2)) as brought_margin_all
    from people
    left join referrals as came on people.customer_id = came.referred_customer_id
    left join made on people.customer_id = made.customer_id
    left join brought on people.customer_id = brought.customer_id

)

select * from final
