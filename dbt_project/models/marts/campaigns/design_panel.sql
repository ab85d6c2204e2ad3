-- Three kinds of people to ask what to make next: the best, the experts of a category, the critics.
{%- set best_share = list_threshold('design_panel', 'best_share') %}

with ranked as (

    select
        customer_values.customer_id,
        customer_values.net_clv_12m,
        customer_values.purchase_probability_12m,
        customers.orders_count,
        {{ days_between('customers.first_purchase_on', as_of()) }} as days_since_first,
        row_number() over (
            order by
                customer_values.net_clv_12m desc nulls last,
                {{ text_order('customer_values.customer_id') }} asc nulls last
        ) as value_place,
        count(*) over () as customers
    from {{ ref('customer_lifetime_values') }} as customer_values
    inner join {{ ref('dim_customers') }} as customers
        on customer_values.customer_id = customers.customer_id
    where customers.relationship_status = 'customer'

),

by_category as (

    select
        customer_id,
        category,
        orders as expert_orders,
        row_number() over (
            partition by customer_id
            order by
                orders desc nulls last,
                {{ text_order('category') }} asc nulls last
        ) as place
    from {{ ref('int_customer_categories') }}
    where orders >= {{ list_threshold('design_panel', 'expert_orders') }}

),

grouped as (

    select
        ranked.*,
        by_category.category as expert_category,
        by_category.expert_orders,
        services.last_csat as csat,
        services.last_csat_on as csat_on,
        contacts.last_contact_on as invited_on,
        case
            when
                services.last_csat <= {{ list_threshold('design_panel', 'critic_score') }}
                and {{ days_between('services.last_csat_on', as_of()) }}
                < {{ list_threshold('design_panel', 'critic_days') }}
                then 'critic'
            when by_category.customer_id is not null then 'expert'
            when ranked.value_place <= {{ best_share }} * ranked.customers then 'best'
        end as panel_group
    from ranked
    left join by_category
        on
            ranked.customer_id = by_category.customer_id
            and by_category.place = 1
    left join {{ ref('customer_service_summaries') }} as services
        on ranked.customer_id = services.customer_id
    left join {{ ref('int_list_contacts') }} as contacts
        on
            ranked.customer_id = contacts.customer_id
            and contacts.list_code = 'design_panel'

),

judged as (

    select
        grouped.*,
        coalesce(
            {{ days_between('invited_on', as_of()) }}
            < {{ list_threshold('design_panel', 'gap_days') }}, false
        ) as is_invited_lately
    from grouped
    where panel_group is not null

),

-- round after round one of each group, best value first, so that a short list has all three
rounds as (

    select
        judged.*,
        row_number() over (
            partition by panel_group, is_invited_lately
            order by value_place asc nulls last
        ) as round_no
    from judged

),

candidates as (

    select
        customer_id,
        case when is_invited_lately then 'invited' end as ineligible_code,
        -round_no as score,
        net_clv_12m as tie_break_value,
        net_clv_12m as value_at_stake,
        purchase_probability_12m as response_probability,
        panel_group as reason_1_code,
        'experience' as reason_2_code,
        case
            when panel_group <> 'best' and value_place <= {{ best_share }} * customers then 'best'
        end as reason_3_code,
        case panel_group when 'critic' then 'invite_critic' else 'invite' end as action_code,
        panel_group,
        case panel_group when 'expert' then expert_category end as expert_category,

        ---------- facts of the sentences
        expert_orders,
        csat,
        csat_on,
        invited_on,
        value_place,
        customers,
        orders_count,
        days_since_first
    from rounds

)

select * from candidates
