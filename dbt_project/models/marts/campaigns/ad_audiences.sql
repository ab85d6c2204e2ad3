-- Buyers who agreed to advertising: nobody pays to win them, and the best show whom to look for.

with placed as (

    select
        customer_id,
        net_clv_12m,
        {{ place_in_line([
            'net_clv_12m desc nulls last', text_order('customer_id') ~ ' asc nulls last',
        ]) }} as value_place,
        {{ people_in_line() }} as buyers
    from {{ ref('int_customers_described') }}
    where is_valued

),

seeds as (

    select * from placed
    where
        net_clv_12m > 0
        and value_place <= {{ list_threshold('ad_audiences', 'seed_share') }} * buyers

),

judged as (

    select
        people.*,
        seeds.value_place,
        seeds.buyers,
        cast(greatest(coalesce(people.net_clv_12m, 0), 0) as numeric(14, 2)) as audience_value,
        seeds.customer_id is not null as is_seed
    from {{ ref('int_customers_described') }} as people
    left join seeds on people.customer_id = seeds.customer_id
    where people.is_valued

)

select
    judged.*,
    case when is_seed then 'seed' else 'exclusion' end as audience,
    -- asked here too: who agrees to no advertising is most of all buyers
    case when not coalesce(consent_ads, false) then 'no_ads' end as ineligible_code,
    audience_value as score,
    audience_value as tie_break_value,
    audience_value as value_at_stake,
    purchase_probability_12m as response_probability,
    case when is_seed then 'seed' else 'customer' end as reason_1_code,
    case when is_seed then 'customer' end as reason_2_code,
    cast(null as {{ dbt.type_string() }}) as reason_3_code,
    case when is_seed then 'seed' else 'exclude' end as action_code
from judged
