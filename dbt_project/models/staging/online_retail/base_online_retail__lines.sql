{{ config(
    materialized="incremental",
    incremental_strategy="append",
    on_schema_change="fail",
    indexes=[{"columns": ["invoice_no"]}, {"columns": ["customer_id"]}],
    pre_hook="{% if is_incremental() %} delete from {{ this }} where invoice_no in (
        select changed.invoice_no
        from ({{ changed_rows('online_retail', 'online_retail_lines') }}) as changed
    ) {% endif %}",
    post_hook="{{ analyze() }}",
) }}

-- Each invoice line and what it is. Only sales and returns go on to the marts; the rest stays
-- here, named, so that money can be accounted for.
with delivered as (

    {{ visible_rows('online_retail', 'online_retail_lines') }}

),

changed as (

    {{ changed_rows('online_retail', 'online_retail_lines') }}

),

lines as (

    select * from delivered
    {%- if is_incremental() %}
    where delivered.invoice_no in (select changed.invoice_no from changed)
    {%- endif %}

),

renamed as (

    select
        invoice_no,
        cast(
            row_number() over (
                partition by invoice_no
                order by _delivered_on asc nulls last, _line asc nulls last
            ) as integer
        ) as line_no,
        {{ upper_case('stock_code') }} as product_id,
        description,
        quantity,
        unit_price,
        invoiced_at,
        replace(customer_id, '.0', '') as customer_id,
        country
    from lines

),

named as (

    select
        renamed.*,
        case
            when invoice_no like 'A%' or product_id = 'B' then 'bad_debt'
            when product_id in ('POST', 'DOT', 'C2') then 'carriage'
            when product_id in ('AMAZONFEE', 'BANK CHARGES', 'CRUK') then 'fee'
            when product_id in ('M', 'D', 'S') then 'manual'
            when product_id like 'GIFT/_%' escape '/' then 'voucher'
            when customer_id is null and unit_price = 0 then 'stock_correction'
            when invoice_no like 'C%' then 'return'
            else 'sale'
        end as line_kind
    from renamed

)

select * from named
