{{ config(materialized="view") }}

-- Orders up to the end of the night's date on the company's clock; later ones wait for their day.
with delivered as (

    {{ union_systems('orders') }}

)

select * from delivered
where ordered_on <= {{ as_of() }}
