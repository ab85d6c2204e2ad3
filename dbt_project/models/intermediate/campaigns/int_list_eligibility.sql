{{ config(post_hook="{{ analyze() }}") }}

-- Each candidate on the road of the list's class: the first reason to stop, or none.
-- What depends on other candidates (priority, capacity) and the hold-out come after.

with candidates as (

    select * from {{ ref('int_list_candidates') }}

),

definitions as (

    select * from {{ ref('list_definitions') }}

),

rules as (

    select * from {{ ref('campaign_rules') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

farewells as (

    select * from {{ ref('int_customer_farewells') }}

),

closed_channels as (

    select * from {{ ref('int_closed_channels') }}

),

household_contacts as (

    select * from {{ ref('int_household_contacts') }}

),

service_summaries as (

    select * from {{ ref('customer_service_summaries') }}

),

open_troubles as (

    select distinct customer_id
    from {{ ref('fct_service_cases') }}
    where
        is_open
        and kind in ('complaint', 'repair', 'warranty_claim')

),

unheeded_words as (

    select * from {{ ref('unheeded_words') }}

),

consents as (

    {{ union_systems('consents') }}

),

undecided_orders as (

    select
        customer_id,
        count(*) as orders
    from {{ ref('fct_orders') }}
    where is_undecided
    group by customer_id

),

-- An unread answer counts for as long as a bad one would.
unread_answers as (

    select answers.*
    from {{ ref('unread_answers') }} as answers
    cross join rules
    where
        {{ days_between('answers.delivered_on', as_of()) }} < rules.quiet_days_after_bad_csat

),

unsure as (

    select distinct candidates.customer_id
    from candidates
    inner join unread_answers
        on {{ dbt.position('lower(candidates.customer_id)', 'lower(unread_answers.said)') }} > 0

),

last_words as (

    select
        customer_id,
        max(delivered_on) as last_heard_on
    from consents
    group by customer_id

),

-- Whose id stands in a word that could not be read: about consent, if they were not heard since;
-- about a death or an erasure, until it is replayed. An id inside a longer one matches too: in
-- doubt nobody is written to.
doubtful as (

    select
        candidates.customer_id,
        max(case when words.kind = 'farewell' then 1 else 0 end) = 1 as is_farewell_in_doubt,
        max(
            case
                when words.kind = 'farewell' then 0
                when last_words.last_heard_on > words.delivered_on then 0
                else 1
            end
        ) = 1 as is_consent_in_doubt
    from {{ ref('int_list_candidates') }} as candidates
    inner join unheeded_words as words
        on {{ dbt.position('lower(candidates.customer_id)', 'lower(words.said)') }} > 0
    left join last_words on candidates.customer_id = last_words.customer_id
    group by candidates.customer_id

),

facts as (

    select
        candidates.*,
        definitions.list_version,
        definitions.class,
        definitions.channel,
        definitions.priority,
        definitions.holdout_share,
        definitions.outcome_window_days,
        definitions.refunds_settle_days,
        definitions.valid_days,
        definitions.capacity,
        definitions.offer_share,
        definitions.assumed_effect,
        definitions.offer_at_least,
        rules.global_holdout_share,
        rules.quiet_days_after_bad_csat,
        rules.contact_gap_days,
        rules.contacts_window_days,
        rules.contacts_in_window_max,
        rules.smallest_offer,
        coalesce(farewells.is_deceased, false) as is_deceased,
        coalesce(farewells.is_erasure_requested, false) as is_erasure_requested,
        coalesce(customers.is_staff, false) as is_staff,
        coalesce(customers.is_minor, false) as is_minor,
        coalesce(case
            when definitions.purpose = 'advertising' then customers.consent_ads
            when definitions.purpose <> 'marketing' then false
            when definitions.channel = 'email' then customers.consent_email_marketing
            when definitions.channel = 'phone' then customers.consent_phone_marketing
            when definitions.channel = 'post' then customers.consent_post_marketing
        end, false) as has_consent,
        coalesce(case definitions.channel
            when 'email' then customers.has_email
            when 'phone' then customers.has_phone
            else true
        end, false) as is_reachable,
        coalesce(customers.has_email, false)
        or coalesce(customers.has_phone, false) as is_reachable_somehow,
        coalesce(closed_channels.has_bounced, false) as has_bounced,
        coalesce(closed_channels.has_opted_out, false) as has_opted_out,
        open_troubles.customer_id is not null as has_open_trouble,
        coalesce(doubtful.is_farewell_in_doubt, false) as is_farewell_in_doubt,
        coalesce(doubtful.is_consent_in_doubt, false) as is_consent_in_doubt,
        unsure.customer_id is not null as is_answer_in_doubt,
        definitions.claim,
        coalesce(undecided_orders.orders, 0) as undecided_orders,
        service_summaries.last_bad_csat_on,
        {{ days_between('service_summaries.last_bad_csat_on', as_of()) }}
            as days_since_bad_csat,
        household_contacts.last_contact_on,
        {{ days_between('household_contacts.last_contact_on', as_of()) }}
            as days_since_contact,
        coalesce(household_contacts.contacts_in_window, 0) as contacts_in_window
    from candidates
    inner join definitions
        on candidates.list_code = definitions.list_code
    cross join rules
    inner join customers
        on candidates.customer_id = customers.customer_id
    left join farewells
        on candidates.customer_id = farewells.customer_id
    left join closed_channels
        on
            candidates.customer_id = closed_channels.customer_id
            and definitions.channel = closed_channels.channel
    left join household_contacts
        on candidates.household_id = household_contacts.household_id
    left join service_summaries
        on candidates.customer_id = service_summaries.customer_id
    left join open_troubles
        on candidates.customer_id = open_troubles.customer_id
    left join doubtful
        on candidates.customer_id = doubtful.customer_id
    left join unsure
        on candidates.customer_id = unsure.customer_id
    left join undecided_orders
        on candidates.customer_id = undecided_orders.customer_id

),

judged as (

    select
        facts.*,
        -- first of all, and on both roads: no other reason is anybody's business then
        case
            when is_deceased then 'deceased'
            when is_erasure_requested then 'erased'
            when is_farewell_in_doubt then 'farewell_in_doubt'
            when ineligible_code is not null then ineligible_code
            when claim = 'has_not_bought' and undecided_orders > 0 then 'order_undecided'
            when is_answer_in_doubt then 'answer_in_doubt'
            when class = 'service' and not is_reachable_somehow then 'unreachable'
            when class = 'service' then null
            when is_staff then 'staff'
            when is_minor then 'minor'
            when not has_consent then 'no_consent'
            when is_consent_in_doubt then 'consent_in_doubt'
            when not is_reachable then 'unreachable'
            when has_bounced then 'bounced'
            when has_opted_out then 'opted_out'
            when has_open_trouble then 'open_case'
            when days_since_bad_csat < quiet_days_after_bad_csat then 'quiet_after_bad_csat'
            when days_since_contact < contact_gap_days then 'contacted_recently'
            when contacts_in_window >= contacts_in_window_max then 'contacted_often'
        end as exclusion_code
    from facts

),

coded as (

    select
        judged.*,
        case
            when exclusion_code = 'unreachable' and class = 'service'
                then 'unreachable_by_anything'
            else exclusion_code
        end as sentence_code
    from judged

),

explained as (

    select
        coded.*,
        case
            when exclusion_code = ineligible_code then ineligible_reason
            else {{ shared_sentence('sentence_code', 'exclusions', [
                'deceased', 'erased', 'farewell_in_doubt', 'order_undecided', 'answer_in_doubt',
                'unreachable_by_anything', 'staff',
                'minor', 'no_consent', 'consent_in_doubt', 'unreachable', 'bounced', 'opted_out',
                'open_case', 'quiet_after_bad_csat', 'contacted_recently', 'contacted_often',
            ]) }}
        end as exclusion_reason
    from coded

)

select * from explained
