{{ config(schema="pii") }}

-- What each word closes. Of advertising a consent is asked, not whether somebody unsubscribed.
{%- set closed = [
    ('no', 'opt_out', 'email', none),
    ('no', 'opt_out', 'phone', none),
    ('no', 'opt_out', 'post', none),
    ('no', 'opt_out', 'ads', none),
    ('no', 'consent', 'ads', 'advertising'),
    ('opted_out', 'opt_out', 'phone', none),
    ('complained', 'complaint', 'phone', none),
    ('wrong_number', 'bounce', 'phone', none),
] %}
with records as (

    {{ ever_delivered('desk', 'desk_records') }}

),

closed as (

    {% for word, kind, channel, purpose in closed -%}
    select
        '{{ word }}' as word,
        '{{ kind }}' as kind,
        '{{ channel }}' as channel,
        cast({{ "'" ~ purpose ~ "'" if purpose else 'null' }} as {{ dbt.type_string() }}) as purpose
    {{ 'union all' if not loop.last }}
    {% endfor %}
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
