with current_rows as (

    {{ current_version('house', 'referrals') }}

)

select
    ---------- ids
    referral_id,
    referrer_customer_id,
    referred_customer_id,

    ---------- times
    referred_at
from current_rows
