{%- set looked_up = [
    'list_code', 'customer_id', 'household_id', 'ineligible_code', 'exclusion_code',
] -%}
{{ config(
    pre_hook="{{ in_one_process() }}",
    post_hook="{{ analyze(" ~ looked_up ~ ") }}",
) }}

-- Each candidate on the road of the list's class: the first reason to stop, or none.
-- What depends on other candidates (priority, capacity) and the hold-out come after, but for those
-- whom a suppression leaves in peace.

with candidates as (

    select
        list_code,
        customer_id,
        ineligible_code,
        ineligible_reason,
        contact_channel,
        score,
        tie_break_value,
        value_at_stake,
        response_probability,
        was_on_it
    from {{ ref('int_list_candidates') }}

),

definitions as (

    select * from {{ ref('list_definitions') }}

),

rules as (

    select * from {{ ref('campaign_rules') }}

),

people as (

    select * from {{ ref('int_customers_described') }}

),

household_contacts as (

    select * from {{ ref('int_household_contacts') }}

),

-- One that was merged away is as open as the case that carries on in its place, whatever its kind.
open_troubles as (

    select distinct customer_id
    from {{ ref('fct_service_cases') }}
    where
        coalesce(is_unsolved, true)
        and kind in ('complaint', 'repair', 'warranty_claim')

),

-- Whoever is on a suppression is left in peace by all marketing.
resting as (

    select
        people.household_id,
        min(candidates.reason_1) as why_resting
    from {{ ref('int_list_candidates') }} as candidates
    inner join definitions on candidates.list_code = definitions.list_code
    inner join {{ ref('int_customers_described') }} as people
        on candidates.customer_id = people.customer_id
    where
        definitions.class = 'suppression'
        and candidates.ineligible_code is null
    group by people.household_id

),

-- To whom something is owed that goes before marketing.
owed as (

    select
        candidates.customer_id,
        {{ dbt.listagg(
            'definitions.name_in_words', "', '", 'order by definitions.priority'
        ) }} as owed_by
    from {{ ref('int_list_candidates') }} as candidates
    inner join definitions on candidates.list_code = definitions.list_code
    where
        definitions.stops = 'marketing'
        and candidates.ineligible_code is null
    group by candidates.customer_id

),

-- An unread answer counts for as long as a bad one would; what was sold or complained of is in
-- doubt until it is known.
unsure as (

    select
        {% for about in ['sale', 'case', 'answer', 'account'] -%}
        max(case when doubts.about = '{{ about }}' then 1 else 0 end) = 1
            as is_{{ about }}_in_doubt,
        {% endfor -%}
        doubts.customer_id
    from {{ ref('int_rows_in_doubt') }} as doubts
    cross join rules
    where
        doubts.about <> 'answer'
        or {{ days_between('doubts.delivered_on', as_of()) }} < rules.quiet_days_after_bad_csat
    group by doubts.customer_id

),

-- Of whom a row could not be read that the list's own claim rests on.
claims_in_doubt as (

    {% for list_code, feed in needed_feeds() -%}
    select
        '{{ list_code }}' as list_code,
        customer_id
    from {{ ref('int_rows_in_doubt') }}
    where about = '{{ feed }}'
    union
    {% endfor -%}
    select
        cast(null as {{ dbt.type_string() }}) as list_code,
        cast(null as {{ dbt.type_string() }}) as customer_id
    where 1 = 0

),

facts as (

    select
        candidates.*,
        people.household_id,
        definitions.class,
        definitions.channel,
        rules.quiet_days_after_bad_csat,
        rules.contact_gap_days,
        rules.contacts_in_window_max,
        {% for code in stop_codes() -%}
        coalesce(stops.is_{{ code }}, false) as is_{{ code }},
        {% endfor -%}
        coalesce(people.is_staff, false) as is_staff,
        coalesce(people.is_minor, false) as is_minor,
        definitions.age_rule = 'known' and people.is_minor is null as is_age_unknown,
        coalesce(case
            when definitions.purpose = 'advertising' then people.consent_ads
            when definitions.purpose <> 'marketing' then false
            when definitions.channel = 'email' then people.consent_email_marketing
            when definitions.channel = 'phone' then people.consent_phone_marketing
            when definitions.channel = 'post' then people.consent_post_marketing
        end, false) as has_consent,
        coalesce(case definitions.channel
            when 'email' then people.has_email
            when 'phone' then people.has_phone
            when 'post' then people.has_address
            when 'ads' then people.has_email or people.has_phone
        end, false) as is_reachable,
        coalesce(people.has_email, false)
        or coalesce(people.has_phone, false) as is_reachable_somehow,
        open_troubles.customer_id is not null as has_open_trouble,
        coalesce(unsure.is_sale_in_doubt, false) as is_sale_in_doubt,
        coalesce(unsure.is_case_in_doubt, false) as is_case_in_doubt,
        coalesce(unsure.is_answer_in_doubt, false) as is_answer_in_doubt,
        coalesce(unsure.is_account_in_doubt, false) as is_account_in_doubt,
        claims_in_doubt.customer_id is not null as is_claim_in_doubt,
        definitions.claim,
        coalesce(people.undecided_orders, 0) as undecided_orders,
        coalesce(people.unvalued_orders, 0) as unvalued_orders,
        people.last_bad_csat_on,
        {{ days_between('people.last_bad_csat_on', as_of()) }}
            as days_since_bad_csat,
        household_contacts.last_contact_on,
        {{ days_between('household_contacts.last_contact_on', as_of()) }}
            as days_since_contact,
        coalesce(household_contacts.contacts_in_window, 0) as contacts_in_window,
        resting.why_resting,
        owed.owed_by,
        schedules.next_on,
        not schedules.is_made_tonight and not candidates.was_on_it as is_between_turns
    from candidates
    inner join definitions
        on candidates.list_code = definitions.list_code
    inner join {{ ref('list_schedules') }} as schedules
        on candidates.list_code = schedules.list_code
    cross join rules
    inner join people
        on candidates.customer_id = people.customer_id
    left join {{ ref('int_stops_asked_for') }} as stops
        on
            candidates.customer_id = stops.customer_id
            and definitions.channel = stops.channel
            and definitions.purpose = stops.purpose
    left join household_contacts
        on people.household_id = household_contacts.household_id
    left join open_troubles
        on candidates.customer_id = open_troubles.customer_id
    left join unsure
        on candidates.customer_id = unsure.customer_id
    left join claims_in_doubt
        on
            candidates.list_code = claims_in_doubt.list_code
            and candidates.customer_id = claims_in_doubt.customer_id
    left join resting
        on people.household_id = resting.household_id
    left join owed
        on candidates.customer_id = owed.customer_id

),

judged as (

    select
        facts.*,
        -- first of all, and on every road: no other reason is anybody's business then
        case
            when is_deceased then 'deceased'
            when is_erased then 'erased'
            when is_farewell_in_doubt then 'farewell_in_doubt'
            when ineligible_code is not null then ineligible_code
            when claim = 'has_not_bought' and undecided_orders > 0 then 'order_undecided'
            -- every marketing list says how often they bought, and ranks by what they are worth
            when class = 'marketing' and unvalued_orders > 0 then 'value_unknown'
            -- a suppression protects: what stops a contact does not stop it
            when class = 'suppression' and is_between_turns then 'next_time'
            when class = 'suppression' then null
            when class = 'marketing' and is_sale_in_doubt then 'sale_in_doubt'
            when is_case_in_doubt then 'case_in_doubt'
            when is_answer_in_doubt then 'answer_in_doubt'
            when is_claim_in_doubt then 'claim_in_doubt'
            when class = 'service' and not is_reachable_somehow then 'unreachable'
            when class = 'service' and is_between_turns then 'next_time'
            when class = 'service' then null
            -- whether they work here, are of age, or are somebody else as well
            when is_account_in_doubt then 'account_in_doubt'
            when is_staff then 'staff'
            when is_minor then 'minor'
            when is_age_unknown then 'age_unknown'
            when not has_consent then 'no_consent'
            when is_opted_out then 'opted_out'
            when is_consent_in_doubt then 'consent_in_doubt'
            when is_other_account then 'other_account'
            when is_bounced then 'bounced'
            when is_shared_address then 'shared_address'
            when not is_reachable then 'unreachable'
            when class = 'audience' and is_between_turns then 'next_time'
            when class = 'audience' then null
            when has_open_trouble then 'open_case'
            when days_since_bad_csat < quiet_days_after_bad_csat then 'quiet_after_bad_csat'
            when owed_by is not null then 'service_first'
            when days_since_contact < contact_gap_days then 'contacted_recently'
            when contacts_in_window >= contacts_in_window_max then 'contacted_often'
            when why_resting is not null then 'resting'
            when is_between_turns then 'next_time'
        end as exclusion_code
    from facts

),

eligibility as (

    select
        ---------- who, for which list
        list_code,
        customer_id,
        household_id,
        contact_channel,

        ---------- what decides on the rest of the road; what is said of them stays where it is
        score,
        tie_break_value,
        value_at_stake,
        response_probability,

        ---------- the first reason to stop, and what is said with it
        ineligible_code,
        ineligible_reason,
        exclusion_code,
        last_bad_csat_on,
        last_contact_on,
        contacts_in_window,
        owed_by,
        why_resting,
        next_on
    from judged

)

select * from eligibility
