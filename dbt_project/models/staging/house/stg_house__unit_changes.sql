-- Units of which tonight's deliveries say something.
with changed_units as (

    {{ changed_rows('house', 'units') }}

)

select distinct
    product_id,
    serial
from changed_units
