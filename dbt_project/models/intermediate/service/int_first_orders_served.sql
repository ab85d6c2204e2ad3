{{ config(materialized="view") }}

-- Everybody has a first order, however long they stay: what happened with it is an experience that
-- does not depend on staying. It has 30 days to happen in; people who came later are left out, or
-- whoever is newest would look well served.
with cases as (

    select * from {{ ref('fct_service_cases') }}

),

orders as (

    select
        order_id,
        customer_id,
        ordered_on
    from {{ ref('fct_orders') }}
    where order_seq is not null

),

summaries as (

    select * from {{ ref('customer_purchase_summaries') }}

),

final as (

    select
        summaries.customer_id,
        max(
            case
                when
                    cases.is_breach
                    or cases.csat <= {{ var('bad_csat_score') }}
                    or (cases.is_open and cases.kind = 'complaint')
                    then 1
                else 0
            end
        ) as is_bad
    from cases
    inner join orders on cases.order_id = orders.order_id
    inner join summaries
        on
            orders.customer_id = summaries.customer_id
            and orders.ordered_on = summaries.first_purchase_on
    where
        summaries.customer_age_days >= {{ var('first_order_served_days') }}
        and {{ days_between('summaries.first_purchase_on', 'cases.opened_on') }}
        between 0 and {{ var('first_order_served_days') }}
    group by summaries.customer_id

)

select * from final
