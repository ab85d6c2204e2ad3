{#- Completed minutes between two instants in which the service is open (variable business_hours), an
    integer; null if either is unknown. Open 9 to 17 from Monday to Friday:

    | earlier                | later                  | result |
    |------------------------|------------------------|--------|
    | Friday 16:30           | Monday 09:10           | 40     |
    | Friday 16:30:59        | Monday 09:10:00        | 39     |
    | Saturday 12:00         | Sunday 12:00           | 0      |

    Where a clock that is put forward strikes an hour that never was, where one that is put back shows
    an earlier time later, and of parts of a second, the calendar knows better: never more than
    minutes_between, and never less than none. -#}
{% macro business_minutes_between(earlier, later) -%}
    {%- set seconds -%}
        {{ regulars.business_seconds_so_far(later) }} - {{ regulars.business_seconds_so_far(earlier) }}
    {%- endset -%}
    case
        when {{ earlier }} <= {{ later }}
            then greatest(
                least(
                    cast(floor(({{ seconds }}) / 60.0) as integer),
                    {{ regulars.minutes_between(earlier, later) }}
                ),
                0
            )
        else {{ regulars.minutes_between(earlier, later) }}
    end
{%- endmacro %}
