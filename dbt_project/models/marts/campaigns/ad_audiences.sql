-- Buyers who agreed to advertising: nobody pays to win them, and the best show whom to look for.
{%- set seed_share = list_threshold('ad_audiences', 'seed_share') %}

with buyers as (

    select
        customer_values.customer_id,
        cast(greatest(coalesce(customer_values.net_clv_12m, 0), 0) as numeric(14, 2))
            as audience_value,
        customer_values.purchase_probability_12m,
        customers.consent_ads,
        customers.orders_count,
        {{ days_between('customers.first_purchase_on', as_of()) }} as days_since_first,
        row_number() over (
            order by
                customer_values.net_clv_12m desc nulls last,
                {{ text_order('customer_values.customer_id') }} asc nulls last
        ) as value_place,
        count(*) over () as buyers
    from {{ ref('customer_lifetime_values') }} as customer_values
    inner join {{ ref('dim_customers') }} as customers
        on customer_values.customer_id = customers.customer_id

),

judged as (

    select
        buyers.*,
        case
            when audience_value > 0 and value_place <= {{ seed_share }} * buyers then 'seed'
            else 'exclusion'
        end as audience
    from buyers

),

candidates as (

    select
        customer_id,
        -- asked here too: who agrees to no advertising is most of all buyers
        case when not coalesce(consent_ads, false) then 'no_ads' end as ineligible_code,
        audience_value as score,
        audience_value as tie_break_value,
        audience_value as value_at_stake,
        purchase_probability_12m as response_probability,
        case audience when 'seed' then 'seed' else 'customer' end as reason_1_code,
        case audience when 'seed' then 'customer' end as reason_2_code,
        cast(null as {{ dbt.type_string() }}) as reason_3_code,
        case audience when 'seed' then 'seed' else 'exclude' end as action_code,
        audience,
        audience_value,

        ---------- facts of the sentences
        value_place,
        buyers,
        orders_count,
        days_since_first
    from judged

)

select * from candidates
