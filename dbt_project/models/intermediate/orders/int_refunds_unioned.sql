{{ config(materialized="view") }}

-- Refunds up to the end of the night's date on the company's clock; later ones wait for their day.
with delivered as (

    {{ union_systems('refunds') }}

)

select * from delivered
where refunded_on <= {{ as_of() }}
