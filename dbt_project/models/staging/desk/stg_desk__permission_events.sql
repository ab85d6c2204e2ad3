{{ config(schema="pii") }}

-- What each word closes.
{%- set closed = [
    ('no', 'opt_out', 'email'),
    ('no', 'opt_out', 'phone'),
    ('no', 'opt_out', 'post'),
    ('no', 'opt_out', 'ads'),
    ('opted_out', 'opt_out', 'phone'),
    ('complained', 'complaint', 'phone'),
    ('wrong_number', 'bounce', 'phone'),
] %}
with records as (

    {{ ever_delivered('desk', 'desk_records') }}

),

closed as (

    {% for word, kind, channel in closed -%}
    select
        '{{ word }}' as word,
        '{{ kind }}' as kind,
        '{{ channel }}' as channel
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

events as (

    select
        closed.kind,
        records.customer_id,
        {{ concat_text(["'desk-'", 'records.record_id']) }} as reference,
        closed.channel,
        cast(null as {{ dbt.type_string() }}) as purpose,
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
