with current_rows as (

    {{ current_version('desk', 'desk_records') }}

),

calls as (

    select
        {{ concat_text(["'desk-'", 'record_id']) }} as contact_id,
        list_code,
        customer_id,
        'phone' as channel,
        happened_at as sent_at,
        case outcome
            when 'reached' then 'opened'
            when 'no_answer' then 'sent'
            when 'wrong_number' then 'bounced'
            when 'opted_out' then 'unsubscribed'
            when 'complained' then 'complained'
        end as outcome,
        _delivered_on as delivered_on,
        _delivery_id as delivery_id,
        _line as line
    from current_rows
    where kind = 'call'

)

select * from calls
