{{ config(tags=['oracle']) }}
-- To the cent, for every person, the company and every tier; and the company's parts are its
-- people's, new customers apart.
with people as (

    select
        customer_id as subject,
        value_before + time_amount + corrections_amount + purchases_amount + service_amount
        + averages_amount + model_amount + assumptions_amount - value_now as difference
    from {{ ref('customer_value_changes') }}

),

scopes as (

    select
        scope as subject,
        sum(case when part = 'now' then -amount else amount end) as difference
    from {{ ref('value_bridge') }}
    group by scope

),

tonight as (

    select
        'tonight' as subject,
        max(case when bridge.scope = 'company' and bridge.part = 'now' then bridge.amount end)
        - (
            select coalesce(sum(worth.net_clv_12m), 0)
            from {{ ref('customer_lifetime_values') }} as worth
        )
            as difference
    from {{ ref('value_bridge') }} as bridge

),

purchases as (

    select
        'purchases' as subject,
        sum(
            case
                when bridge.scope = 'company' and bridge.part in ('purchases', 'new_customers')
                    then bridge.amount
            end
        )
        - (
            select sum(changes.purchases_amount)
            from {{ ref('customer_value_changes') }} as changes
        ) as difference
    from {{ ref('value_bridge') }} as bridge

),

tiers as (

    select
        'tiers ' || part as subject,
        sum(case when scope = 'company' then amount else -amount end) as difference
    from {{ ref('value_bridge') }}
    group by part

),

differences as (

    select
        subject,
        difference
    from people
    union all
    select
        subject,
        difference
    from scopes
    union all
    select
        subject,
        difference
    from tonight
    union all
    select
        subject,
        difference
    from purchases
    union all
    select
        subject,
        difference
    from tiers

)

select * from differences
where difference <> 0
