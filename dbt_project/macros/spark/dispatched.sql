{#- What Spark says otherwise; the meaning of each stands with the macro that dispatches to it. -#}

{% macro spark__add_days(day, number) -%}
    date_add({{ day }}, cast({{ number }} as int))
{%- endmacro %}

{% macro spark__add_minutes(instant, number) -%}
    timestampadd(minute, {{ number }}, {{ instant }})
{%- endmacro %}

{% macro spark__add_months(day, number) -%}
    add_months({{ day }}, {{ number }})
{%- endmacro %}

{#- Spark plans by the size of a table's files, which it sees; it reads row counts only with its
    cost-based optimiser on, and that is off unless somebody switches it on. -#}
{% macro spark__analyze(columns) -%}
{%- endmacro %}

{% macro spark__never_row_by_row() -%}
{%- endmacro %}

{% macro spark__in_one_process() -%}
{%- endmacro %}

{% macro spark__json_object(pairs) -%}
    {%- if not pairs -%}
    '{}'
    {%- else -%}
    to_json(
        named_struct(
            {%- for name, value in pairs | sort %}'{{ name }}', {{ value }}{{ ', ' if not loop.last }}{% endfor -%}
        ),
        map('ignoreNullFields', 'false')
    )
    {%- endif -%}
{%- endmacro %}

{% macro spark__in_thousands(value, digits) -%}
    format_number({{ value }}, {{ digits }})
{%- endmacro %}

{% macro spark__keyed_share(key, words) -%}
    (
        cast(
            conv(substring(sha2(concat(unhex({{ key }}), encode(concat({{ words | join(", '|', ") }}), 'UTF-8')), 256), 1, 8), 16, 10)
            as decimal(12, 0)
        ) / 4294967296.0
    )
{%- endmacro %}

{% macro spark__keyed_hash(key, kind, word) -%}
    sha2(concat(unhex({{ key }}), encode(concat('{{ kind }}|', {{ word }}), 'UTF-8')), 256)
{%- endmacro %}

{#- Spark works out a repeated expression once by itself. -#}
{% macro spark__computed_once() -%}
{%- endmacro %}

{% macro spark__close_up(words) -%}
    trim(replace(replace(replace(
        regexp_replace({{ words }}, '([^0-9 ]) +| +([^0-9 ])', '$1$2'), '  ', ' '
    ), '  ', ' '), '  ', ' '))
{%- endmacro %}

{% macro spark__concat_text(pieces) -%}
    concat_ws('', {{ pieces | join(', ') }})
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    datediff({{ later }}, {{ earlier }})
{%- endmacro %}

{#- dbt's own leaves the order out. -#}
{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    listagg({{ measure }}, {{ delimiter_text }}) within group ({{ order_by_clause }})
{%- endmacro %}

{% macro spark__local_date(instant, zone) -%}
    to_date(from_utc_timestamp({{ instant }}, '{{ zone }}'))
{%- endmacro %}

{% macro spark__local_second(instant, zone) -%}
    (
        hour(from_utc_timestamp({{ instant }}, '{{ zone }}')) * 3600
        + minute(from_utc_timestamp({{ instant }}, '{{ zone }}')) * 60
        + second(from_utc_timestamp({{ instant }}, '{{ zone }}'))
    )
{%- endmacro %}

{#- Java picks the first of two. The second, where the same local time is there again, is as far from
    it as clocks have been a day later: on most of them an hour, on some a half. -#}
{% macro spark__local_to_utc(local_time, zone) -%}
    {%- set local = 'cast(' ~ local_time ~ ' as timestamp)' -%}
    {%- set first = 'to_utc_timestamp(' ~ local ~ ", '" ~ zone ~ "')" -%}
    {%- set day_later = '(' ~ first ~ ' + interval 24 hours)' -%}
    {%- set second -%}
        ({{ local }} - (from_utc_timestamp({{ day_later }}, '{{ zone }}') - {{ day_later }}))
    {%- endset -%}
    case
        when from_utc_timestamp({{ second }}, '{{ zone }}') = {{ local }} then {{ second }}
        else {{ first }}
    end
{%- endmacro %}

{#- Java's $ is the end of a last line, too, and not of the text alone. -#}
{% macro spark__loose_id(letters) -%}
    translate(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    translate(lower({{ letters }}), 'o', '0'), '(?s)^([0-9]+)[.]0+(?!.)', '$1'
                ),
                '[^a-z0-9]+', ''
            ),
            '(?<![0-9])0+(?=[0-9il])', ''
        ),
        'il', '11'
    )
{%- endmacro %}

{#- Java minds what stands beside a letter, and writes one of them as two. -#}
{% macro spark__lower_case(expression) -%}
    lower(translate({{ expression }}, 'İΣ', 'iσ'))
{%- endmacro %}

{% macro spark__median(expression) -%}
    cast(percentile({{ expression }}, 0.5) as decimal(10, 1))
{%- endmacro %}

{#- In whole microseconds: `/` is a double, and seconds apart are cut before they are compared. -#}
{% macro spark__minutes_between(earlier, later) -%}
    {%- set between = '(unix_micros(' ~ later ~ ') - unix_micros(' ~ earlier ~ '))' -%}
    cast(({{ between }} - pmod({{ between }}, 60000000L)) div 60000000L as int)
{%- endmacro %}

{% macro spark__month_day(day) -%}
    date_format({{ day }}, 'MM-dd')
{%- endmacro %}

{% macro spark__months_between(earlier, later) -%}
    {{ regulars.default__months_between(earlier, later) }}
{%- endmacro %}

{% macro spark__safe_cast(expression, data_type) -%}
    try_cast({{ expression }} as {{ data_type }})
{%- endmacro %}

{#- dbt's own leaves a backslash to be an escape. -#}
{% macro spark__text_literal(text) -%}
    {{ return("'" ~ text | replace('\\', '\\\\') | replace("'", "\\'") ~ "'") }}
{%- endmacro %}

{% macro spark__text_order(expression) -%}
    {{ expression }}
{%- endmacro %}

{% macro spark__type_instant() -%}
    timestamp
{%- endmacro %}

{% macro spark__weekday(day) -%}
    (weekday({{ day }}) + 1)
{%- endmacro %}

{% macro spark__instant_of_epoch(seconds) -%}
    timestamp_seconds({{ seconds }})
{%- endmacro %}
