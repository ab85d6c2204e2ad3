-- Buyers who agreed to advertising: nobody pays to win them, and the best show whom to look for.
{%- set audience_value =
    'cast(greatest(coalesce(people.net_clv_12m, 0), 0) as numeric(14, 2))'
%}

select
    people.*,
    seeds.value_place,
    seeds.buyers,
    {{ audience_value }} as audience_value,
    case when seeds.customer_id is null then 'exclusion' else 'seed' end as audience,
    -- asked here too: who agrees to no advertising is most of all buyers
    case when not coalesce(people.consent_ads, false) then 'no_ads' end as ineligible_code,
    {{ audience_value }} as score,
    {{ audience_value }} as tie_break_value,
    {{ audience_value }} as value_at_stake,
    people.purchase_probability_12m as response_probability,
    case when seeds.customer_id is null then 'customer' else 'seed' end as reason_1_code,
    case when seeds.customer_id is not null then 'customer' end as reason_2_code,
    cast(null as {{ dbt.type_string() }}) as reason_3_code,
    case when seeds.customer_id is null then 'exclude' else 'seed' end as action_code
from {{ ref('int_customers_described') }} as people
left join {{ ref('int_audience_seeds') }} as seeds
    on people.customer_id = seeds.customer_id
where people.is_valued
