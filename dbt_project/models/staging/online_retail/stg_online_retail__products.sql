-- The name on the last line sold; no catalogue is delivered, so no cost and no category.
with sold as (

    select
        product_id,
        description,
        row_number() over (
            partition by product_id
            order by
                invoiced_at desc nulls last,
                {{ text_order('invoice_no') }} desc nulls last,
                line_no desc nulls last
        ) as place
    from {{ ref('base_online_retail__lines') }}
    where line_kind = 'sale'

)

select
    product_id,
    description as name,
    cast(null as {{ dbt.type_string() }}) as category,
    cast(null as numeric(14, 2)) as unit_cost,
    cast(null as numeric(14, 2)) as list_price,
    cast(null as integer) as warranty_months,
    cast(null as integer) as expected_life_months,
    cast(null as integer) as service_interval_months
from sold
where place = 1
