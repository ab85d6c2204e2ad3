{#- Open seconds from a Monday long ago up to an instant: those of whole weeks, of whole days of its
    week and of its day. The differences count, not the number. -#}
{% macro business_seconds_so_far(instant) -%}
    {%- set hours = var('business_hours') -%}
    {%- set opens = (regulars.minute_of(hours['opens']) | int) * 60 -%}
    {%- set a_day = (regulars.minute_of(hours['closes']) | int) * 60 - opens -%}
    {%- set on = regulars.local_date(instant) -%}
    {%- set whole_days = '(' ~ regulars.weekday(on) ~ ' - 1)' -%}
    {%- set monday = "cast('1970-01-05' as date)" -%}
    (
        cast(({{ regulars.days_between(monday, on) }} - {{ whole_days }}) / 7 as bigint)
        * {{ hours['days'] * a_day }}
        + least({{ whole_days }}, {{ hours['days'] }}) * {{ a_day }}
        + case
            when {{ whole_days }} < {{ hours['days'] }}
                then least(
                    greatest({{ regulars.local_second(instant) }} - {{ opens }}, 0), {{ a_day }}
                )
            else 0
        end
    )
{%- endmacro %}
