-- The serial of every unit that has one, for lists that name the machine.
select
    unit_id,
    product_id,
    serial
from {{ ref('int_units_unioned') }}
where serial is not null
