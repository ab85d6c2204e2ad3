{{ config(schema="pii") }}

select
    member_no as customer_id,
    mail as email,
    cast(null as {{ dbt.type_string() }}) as phone,
    given_name as first_name,
    cast(null as {{ dbt.type_string() }}) as last_name,
    cast(null as date) as birth_date,
    'DE' as country
from ({{ regulars.visible_rows('till', 'till_members') }}) as members
