{{ config(post_hook="{{ analyze() }}") }}

-- How readily people opt out at a contact, by what earlier ones still weighed on them: of the last
-- year's contacts, the share at their own pressure as far as it is known, else the company's, else
-- the assumed one.
{%- set assumed = var('fatigue') %}
{%- set fading_days = var('fatigue_fading_days') %}

with rules as (

    select * from {{ ref('campaign_rules') }}

),

contacts as (

    select
        customer_id,
        outcome,
        {{ days_between('sent_on', as_of()) }} as days_ago,
        {{ days_between("cast('2000-01-01' as date)", 'sent_on') }} as sent_day
    from {{ ref('int_contacts_made') }}
    where customer_id is not null

),

-- those of earlier days that still weighed: how many, and their days in all
followed as (

    select
        contacts.*,
        count(*) over (
            partition by customer_id
            order by sent_day
            range between {{ fading_days - 1 }} preceding and 1 preceding
        ) as earlier,
        coalesce(sum(sent_day) over (
            partition by customer_id
            order by sent_day
            range between {{ fading_days - 1 }} preceding and 1 preceding
        ), 0) as earlier_days
    from contacts
    where days_ago < {{ 365 + fading_days }}

),

weighed as (

    select
        customer_id,
        earlier * ({{ fading_days }} - sent_day) + earlier_days as days_left,
        case when outcome in ('unsubscribed', 'complained') then 1 else 0 end as opt_out
    from followed
    where days_ago < 365

),

company as (

    select
        count(*) as contacts,
        count(distinct customer_id) as people,
        {{ credible_of_total(
            'coalesce(sum(opt_out), 0)', 'count(*)', assumed.opt_out_share, assumed.credibility_contacts
        ) }} as opt_out_share
    from weighed

),

steps as (

    select n as pressure
    from ({{ numbers() }}) as digits
    where n <= {{ most_contact_pressure() }}

),

at_pressure as (

    select
        {{ contact_pressure('days_left') }} as pressure,
        opt_out
    from weighed

),

by_pressure as (

    select
        steps.pressure,
        count(at_pressure.opt_out) as contacts,
        coalesce(sum(at_pressure.opt_out), 0) as opt_outs
    from steps
    left join at_pressure on steps.pressure = at_pressure.pressure
    group by steps.pressure

),

fatigue as (

    select
        by_pressure.pressure,
        by_pressure.contacts,
        by_pressure.opt_outs,
        {{ credible_of_total(
            'by_pressure.opt_outs', 'by_pressure.contacts', 'company.opt_out_share',
            assumed.credibility_contacts
        ) }} as opt_out_share,
        -- what a permission is used for: as last year's were, else as often as the rules allow
        coalesce(
            {{ ratio('company.contacts', 'company.people', 4) }},
            {{ ratio('365 * rules.contacts_in_window_max', 'rules.contacts_window_days', 4) }}
        ) as contacts_a_year
    from by_pressure
    cross join company
    cross join rules

)

select * from fatigue
