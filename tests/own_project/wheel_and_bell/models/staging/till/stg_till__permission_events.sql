{{ config(schema="pii") }}

-- The tick at the till, as it stood each night, and who asked for no more mail.
select
    'consent' as kind,
    member_no as customer_id,
    cast(null as {{ dbt.type_string() }}) as reference,
    'email' as channel,
    'marketing' as purpose,
    'till' as source,
    {{ regulars.local_to_utc('joined_on') }} as happened_at,
    not mail_ok as is_no,
    _delivered_on as delivered_on,
    _delivery_id as delivery_id,
    _line as line
from ({{ regulars.ever_delivered('till', 'till_members') }}) as members

union all

select
    'opt_out' as kind,
    member_no as customer_id,
    slip_no as reference,
    'email' as channel,
    cast(null as {{ dbt.type_string() }}) as purpose,
    cast(null as {{ dbt.type_string() }}) as source,
    asked_at as happened_at,
    true as is_no,
    _delivered_on as delivered_on,
    _delivery_id as delivery_id,
    _line as line
from ({{ regulars.ever_delivered('till', 'till_goodbyes') }}) as goodbyes
