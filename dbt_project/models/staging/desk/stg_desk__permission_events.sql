{{ config(schema="pii") }}

with records as (

    {{ ever_delivered('desk', 'desk_records') }}

),

-- What each word closes. Of advertising a consent is asked, not whether somebody unsubscribed.
closed as (

    select
        'no' as word,
        'opt_out' as kind,
        'email' as channel,
        cast(null as {{ dbt.type_string() }}) as purpose
    union all
    select
        'no' as word,
        'opt_out' as kind,
        'phone' as channel,
        cast(null as {{ dbt.type_string() }}) as purpose
    union all
    select
        'no' as word,
        'opt_out' as kind,
        'post' as channel,
        cast(null as {{ dbt.type_string() }}) as purpose
    union all
    select
        'no' as word,
        'opt_out' as kind,
        'ads' as channel,
        cast(null as {{ dbt.type_string() }}) as purpose
    union all
    select
        'no' as word,
        'consent' as kind,
        'ads' as channel,
        'advertising' as purpose
    union all
    select
        'opted_out' as word,
        'opt_out' as kind,
        'phone' as channel,
        cast(null as {{ dbt.type_string() }}) as purpose
    union all
    select
        'complained' as word,
        'complaint' as kind,
        'phone' as channel,
        cast(null as {{ dbt.type_string() }}) as purpose
    union all
    select
        'wrong_number' as word,
        'bounce' as kind,
        'phone' as channel,
        cast(null as {{ dbt.type_string() }}) as purpose

),

events as (

    select
        closed.kind,
        records.customer_id,
        {{ concat_text(["'desk-'", 'records.record_id']) }} as reference,
        closed.channel,
        closed.purpose,
        cast(null as {{ dbt.type_string() }}) as source,
        records.happened_at,
        true as is_no,
        records._delivered_on as delivered_on,
        records._delivery_id as delivery_id,
        records._line as line
    from records
    inner join closed
        on closed.word = case records.kind when 'no' then 'no' else records.outcome end

)

select * from events
