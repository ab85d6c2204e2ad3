-- Everything that a line of tonight's deliveries can touch.
with changed as (

    {{ changed_rows('online_retail', 'online_retail_lines') }}

),

lines as (

    select * from {{ ref('base_online_retail__lines') }}
    where invoice_no in (select changed.invoice_no from changed)

)

select
    'order' as kind,
    invoice_no as id
from changed
union
select
    'customer' as kind,
    replace(customer_id, '.0', '') as id
from changed
where customer_id is not null
union
select
    'refund' as kind,
    {{ concat_text(['invoice_no', "'-'", 'line_no']) }} as id
from lines
where line_kind = 'return'
