{{ config(post_hook="{{ analyze() }}") }}

-- How readily people opt out at a contact, by how many they had within the window before it: of the
-- last year's contacts, a number's own share as far as it is known, else the company's, else the
-- assumed one.
{%- set assumed = var('fatigue') %}

with rules as (

    select * from {{ ref('campaign_rules') }}

),

contacts as (

    select
        customer_id,
        sent_on,
        outcome,
        lag(sent_on, 1) over (
            partition by customer_id
            order by sent_at asc nulls last, {{ text_order('contact_id') }} asc nulls last
        ) as sent_on_1_before,
        lag(sent_on, 2) over (
            partition by customer_id
            order by sent_at asc nulls last, {{ text_order('contact_id') }} asc nulls last
        ) as sent_on_2_before
    from {{ ref('fct_campaign_contacts') }}
    where customer_id is not null

),

counted as (

    select
        contacts.customer_id,
        case
            when
                {{ days_between('contacts.sent_on_2_before', 'contacts.sent_on') }}
                < rules.contacts_window_days
                then 2
            when
                {{ days_between('contacts.sent_on_1_before', 'contacts.sent_on') }}
                < rules.contacts_window_days
                then 1
            else 0
        end as contacts_before,
        case when contacts.outcome in ('unsubscribed', 'complained') then 1 else 0 end as opt_out
    from contacts
    cross join rules
    where {{ days_between('contacts.sent_on', as_of()) }} < 365

),

company as (

    select
        count(*) as contacts,
        count(distinct customer_id) as people,
        {{ ratio(
            'coalesce(sum(opt_out), 0) + ' ~ assumed.credibility_contacts
                ~ ' * ' ~ assumed.opt_out_share,
            'count(*) + ' ~ assumed.credibility_contacts, 6
        ) }} as opt_out_share
    from counted

),

numbers as (

    select n as contacts_before
    from ({{ numbers() }}) as digits
    where n <= 2

),

by_number as (

    select
        numbers.contacts_before,
        count(counted.customer_id) as contacts,
        coalesce(sum(counted.opt_out), 0) as opt_outs
    from numbers
    left join counted on numbers.contacts_before = counted.contacts_before
    group by numbers.contacts_before

),

fatigue as (

    select
        by_number.contacts_before,
        by_number.contacts,
        by_number.opt_outs,
        {{ ratio(
            'by_number.opt_outs + ' ~ assumed.credibility_contacts ~ ' * company.opt_out_share',
            'by_number.contacts + ' ~ assumed.credibility_contacts, 6
        ) }} as opt_out_share,
        -- what a permission is used for: as last year's were, else as often as the rules allow
        coalesce(
            {{ ratio('company.contacts', 'company.people', 4) }},
            {{ ratio('365 * rules.contacts_in_window_max', 'rules.contacts_window_days', 4) }}
        ) as contacts_a_year
    from by_number
    cross join company
    cross join rules

)

select * from fatigue
