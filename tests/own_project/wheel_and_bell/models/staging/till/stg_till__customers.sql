select
    member_no as customer_id,
    'de' as language,
    'DE' as country,
    {{ regulars.local_to_utc('joined_on') }} as created_at
from ({{ regulars.visible_rows('till', 'till_members') }}) as members
