{#-
Whether one instant is later than another; false where nobody knows, and of no instant. A day alone is
delivered as its midnight, and may have been at any time of it.

    | instant          | earlier          | result                     |
    |------------------|------------------|----------------------------|
    | 2026-03-15 12:00 | 2026-03-15 11:00 | true                       |
    | 2026-03-15 12:00 | 2026-03-15 00:00 | false: that day, some time |
    | 2026-03-16 00:00 | 2026-03-15 11:00 | true                       |
-#}
{% macro is_surely_after(instant, earlier) -%}
    coalesce(
        {{ regulars.local_date(instant) }} > {{ regulars.local_date(earlier) }}
        or ({{ instant }} > {{ earlier }} and {{ regulars.local_second(earlier) }} > 0), false
    )
{%- endmacro %}
