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

causes as (

    select
        about,
        by_team,
        why,
        count(*) as cases,
        sum(case when is_own_failure then 1 else 0 end) as own_failures,
        sum(case when is_breach then 1 else 0 end) as broken_promises,
        sum(service_cost) as service_cost
    from cases
    group by about, by_team, why

),

people as (

    select distinct
        about,
        by_team,
        why,
        customer_id
    from cases
    where customer_id <> {{ unknown_customer() }}

),

people_of_causes as (

    select
        about,
        by_team,
        why,
        count(*) as customers
    from people
    group by about, by_team, why

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

lost_of_causes as (

    select
        about,
        by_team,
        why,
        count(*) as customers_lost,
        sum(value_gone) as margin_lost
    from lost_after
    group by about, by_team, why

),

final as (

    select
        causes.about as product_id,
        products.category,
        causes.by_team as team,
        causes.why as reason,
        cast(causes.cases as integer) as cases,
        cast(causes.own_failures as integer) as own_failures,
        cast(causes.broken_promises as integer) as broken_promises,
        cast(coalesce(people_of_causes.customers, 0) as integer) as customers,
        cast(causes.service_cost as numeric(18, 2)) as service_cost,
        cast(coalesce(lost_of_causes.customers_lost, 0) as integer) as customers_lost,
        cast(coalesce(lost_of_causes.margin_lost, 0) as numeric(18, 2)) as margin_lost
    from causes
    left join products on causes.about = products.product_id
    {%- for counted in ['people_of_causes', 'lost_of_causes'] %}
    left join {{ counted }}
        on
            causes.about = {{ counted }}.about
            and causes.by_team = {{ counted }}.by_team
            and causes.why = {{ counted }}.why
    {%- endfor %}

)

select * from final
