{{ config(post_hook="{{ analyze() }}") }}

-- Every usable e-mail address and telephone number that a customer has or had, in normal form.

with versions as (

    {{ union_systems('contact_versions') }}

),

dated as (

    select
        customer_id,
        email,
        phone,
        coalesce(country, '') as country,
        min(coalesce({{ local_date('known_at') }}, delivered_on)) as known_on
    from versions
    group by customer_id, email, phone, coalesce(country, '')

),

addresses as (

    select
        dated.customer_id,
        'email' as channel,
        forms.normal as address,
        dated.known_on
    from dated
    inner join {{ source('personal', 'normal_forms') }} as forms
        on
            dated.email = forms.original
            and forms.kind = 'email'
            and forms.country = ''
    where forms.normal is not null

    union all

    select
        dated.customer_id,
        'phone' as channel,
        forms.normal as address,
        dated.known_on
    from dated
    inner join {{ source('personal', 'normal_forms') }} as forms
        on
            dated.phone = forms.original
            and dated.country = forms.country
            and forms.kind = 'phone'
    where forms.normal is not null

),

customer_addresses as (

    select
        customer_id,
        channel,
        address,
        min(known_on) as known_on
    from addresses
    group by customer_id, channel, address

)

select * from customer_addresses
