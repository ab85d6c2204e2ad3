with customers as (

    select * from {{ ref('int_customers_unioned') }}

),

purchases as (

    select * from {{ ref('int_customer_purchases') }}

),

consents as (

    select
        customer_id,
        {% for channel, purpose, name in [
            ('email', 'marketing', 'consent_email_marketing'),
            ('phone', 'marketing', 'consent_phone_marketing'),
            ('post', 'marketing', 'consent_post_marketing'),
            ('ads', 'advertising', 'consent_ads'),
        ] -%}
        max(
            case
                when channel = '{{ channel }}' and purpose = '{{ purpose }}' and is_granted
                    then 1
                else 0
            end
        ) = 1 as {{ name }},
        {% endfor -%}
        max(case when channel = 'email' and purpose = 'marketing' then changed_at end)
            as consent_email_marketing_at
    from {{ ref('int_customer_consents') }}
    group by customer_id

),

-- Only whether, never what: the address itself stays in the schema pii.
reachable as (

    select
        customer_id,
        is_minor,
        email is not null as has_email,
        phone_e164 is not null as has_phone
    from {{ ref('customer_reach') }}

),

households as (

    select
        customer_id,
        household_id
    from {{ ref('customer_households') }}

),

final as (

    select
        ---------- ids
        customers.customer_id,
        coalesce(households.household_id, customers.customer_id) as household_id,

        ---------- standing
        case
            when purchases.purchase_days >= 2 then 'customer'
            when purchases.purchase_days = 1 then 'trial'
            when purchases.has_returned_order then 'returned_trial'
            else 'prospect'
        end as relationship_status,
        purchases.first_purchase_on,
        purchases.second_purchase_on,
        {{ days_between('purchases.first_purchase_on', 'purchases.second_purchase_on') }}
            as days_to_second_purchase,
        coalesce(purchases.orders_count, 0) as orders_count,

        ---------- properties
        customers.birth_month_day as birthday_month_day,
        customers.anniversary_month_day,
        reachable.is_minor,
        coalesce(customers.is_staff, false) as is_staff,
        customers.language,
        customers.country,
        customers.timezone,
        customers.preferred_channel,

        ---------- reach
        coalesce(reachable.has_email, false) as has_email,
        coalesce(reachable.has_phone, false) as has_phone,
        coalesce(consents.consent_email_marketing, false) as consent_email_marketing,
        coalesce(consents.consent_phone_marketing, false) as consent_phone_marketing,
        coalesce(consents.consent_post_marketing, false) as consent_post_marketing,
        coalesce(consents.consent_ads, false) as consent_ads,
        consents.consent_email_marketing_at
    from customers
    left join purchases on customers.customer_id = purchases.customer_id
    left join reachable on customers.customer_id = reachable.customer_id
    left join consents on customers.customer_id = consents.customer_id
    left join households on customers.customer_id = households.customer_id

)

select * from final
