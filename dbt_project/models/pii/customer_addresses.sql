{{ config(
    materialized="incremental",
    incremental_strategy="delete+insert",
    unique_key=["customer_id"],
    on_schema_change="fail",
    post_hook="{{ analyze() }}",
    indexes=[{"columns": ["customer_id"]}],
) }}

{#- The reference stands before the branch, so that dbt sees it whichever branch a night takes. -#}
{%- set deliveries = ref('stg_deliveries') %}

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
        coalesce({{ local_date('known_at') }}, delivered_on) as known_on
    from versions
    {%- if is_incremental() %}
    -- what was said before stays true; of what a system does not say when it came, all may be new
    where
        customer_id in (
            select fresh.customer_id
            from versions as fresh
            where
                fresh.delivery_id in ({{ new_deliveries() }})
                or fresh.delivery_id is null
        )
    {%- endif %}

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
        case when channel = 'phone' then {{ national_number('address') }} end
            as national_number,
        min(known_on) as known_on
    from addresses
    group by customer_id, channel, address

)

select * from customer_addresses
