{{ config(tags=["after_scores"]) }}
{%- set nothing = "'(none)'" %}
{%- set gone = "('lost', 'trial_late')" %}

-- Whoever is lost after a case need not be lost by it: heavy buyers ask more and buy more. What
-- service does to leaving is measured among the model's parameters.
with cases as (

    select
        coalesce(product_id, {{ nothing }}) as about,
        coalesce(team, {{ nothing }}) as by_team,
        coalesce(reason, {{ nothing }}) as why,
        customer_id,
        opened_on,
        is_own_failure,
        is_breach,
        service_cost
    from {{ ref('fct_service_cases') }}

),

products as (

    select
        product_id,
        category
    from {{ ref('dim_products') }}

),

people as (

    select
        about,
        by_team,
        why,
        customer_id,
        count(*) as cases,
        sum(case when is_own_failure then 1 else 0 end) as own_failures,
        sum(case when is_breach then 1 else 0 end) as broken_promises,
        sum(service_cost) as service_cost
    from cases
    group by about, by_team, why, customer_id

),

-- Of nobody else is it asked whether they are lost.
asked as (

    select
        customer_id,
        value_gone
    from {{ ref('customer_lifetime_values') }}
    where
        lifecycle_status in {{ gone }}
        and customer_id in (select people.customer_id from people)

),

last_purchases as (

    select
        customer_id,
        last_purchase_on
    from {{ ref('int_customer_value_inputs') }}

),

called as (

    select
        customer_id,
        max(case when lifecycle_status not in {{ gone }} then valid_to end) as lost_since,
        min(case when lifecycle_status in {{ gone }} then valid_from end) as lost_by
    from {{ ref('customer_history') }}
    where customer_id in (select asked.customer_id from asked)
    group by customer_id

),

-- As the nights said. Whom no night knew otherwise was lost by the first of them, and, if that is
-- earlier, once nine in ten of those who come a second time would have come.
lost as (

    select
        asked.customer_id,
        last_purchases.last_purchase_on,
        asked.value_gone,
        coalesce(
            called.lost_since,
            {{ earlier_of(
                'called.lost_by', add_days('last_purchases.last_purchase_on', 'bounds.t_90 + 1')
            ) }}
        ) as lost_since
    from asked
    inner join last_purchases on asked.customer_id = last_purchases.customer_id
    left join called on asked.customer_id = called.customer_id
    cross join {{ ref('second_purchase_bounds') }} as bounds

),

-- Any of somebody's cases may be the last that they had of us.
lost_after as (

    select distinct
        cases.about,
        cases.by_team,
        cases.why,
        cases.customer_id,
        lost.value_gone
    from cases
    inner join lost
        on
            cases.customer_id = lost.customer_id
            and cases.opened_on >= lost.last_purchase_on
            and cases.opened_on <= lost.lost_since

),

followed as (

    select
        people.*,
        lost_after.customer_id is not null as is_lost,
        lost_after.value_gone
    from people
    left join lost_after
        on
            people.about = lost_after.about
            and people.by_team = lost_after.by_team
            and people.why = lost_after.why
            and people.customer_id = lost_after.customer_id

),

final as (

    select
        followed.about as product_id,
        products.category,
        followed.by_team as team,
        followed.why as reason,
        cast(sum(followed.cases) as integer) as cases,
        cast(sum(followed.own_failures) as integer) as own_failures,
        cast(sum(followed.broken_promises) as integer) as broken_promises,
        cast(
            sum(case when followed.customer_id <> {{ unknown_customer() }} then 1 else 0 end)
            as integer
        ) as customers,
        cast(sum(followed.service_cost) as numeric(18, 2)) as service_cost,
        cast(sum(case when followed.is_lost then 1 else 0 end) as integer) as customers_lost,
        cast(coalesce(sum(followed.value_gone), 0) as numeric(18, 2)) as margin_lost
    from followed
    left join products on followed.about = products.product_id
    group by followed.about, products.category, followed.by_team, followed.why

)

select * from final
