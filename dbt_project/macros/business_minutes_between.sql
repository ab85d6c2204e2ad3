{#- Minutes between two instants in which the service is open (variable business_hours), an integer;
    null if either is unknown. Open 9 to 17 from Monday to Friday:

    | earlier                | later                  | result |
    |------------------------|------------------------|--------|
    | Friday 16:30           | Monday 09:10           | 40     |
    | Saturday 12:00         | Sunday 12:00           | 0      |
-#}
{% macro business_minutes_between(earlier, later) -%}
    ({{ regulars.business_minutes_so_far(later) }} - {{ regulars.business_minutes_so_far(earlier) }})
{%- endmacro %}
