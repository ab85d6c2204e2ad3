{#- What DuckDB says otherwise; the meaning of each stands with the macro that dispatches to it. -#}

{% macro duckdb__days_between(earlier, later) -%}
    cast(({{ later }}) - ({{ earlier }}) as integer)
{%- endmacro %}

{#- Without a look around itself each match takes a letter from the next: the second time finds what
    the first has left. -#}
{% macro duckdb__loose_id(letters) -%}
    {%- set trimmed = namespace(sql="regexp_replace(regexp_replace(translate(lower(" ~ letters
        ~ "), 'o', '0'), '^([0-9]+)[.]0+$', '\\1'), '[^a-z0-9]+', '', 'g')") -%}
    {%- for _ in range(2) -%}
        {%- set trimmed.sql
            = "regexp_replace(" ~ trimmed.sql ~ ", '(^|[^0-9])0+([0-9il])', '\\1\\2', 'g')" -%}
    {%- endfor -%}
    translate({{ trimmed.sql }}, 'il', '11')
{%- endmacro %}

{% macro duckdb__month_day(day) -%}
    strftime({{ day }}, '%m-%d')
{%- endmacro %}

{% macro duckdb__octets(expression) -%}
    strlen({{ expression }})
{%- endmacro %}

{% macro duckdb__safe_cast(expression, data_type) -%}
    try_cast({{ expression }} as {{ data_type }})
{%- endmacro %}

{% macro duckdb__add_months(day, number) -%}
    cast(({{ day }}) + to_months(cast({{ number }} as integer)) as date)
{%- endmacro %}

{% macro duckdb__in_thousands(value, digits) -%}
    format('{:,.{{ digits }}f}', cast({{ value }} as double))
{%- endmacro %}

{#- The key is hexadecimal digits in the lake. -#}
{% macro duckdb__keyed_share(key, words) -%}
    (
        cast(
            cast('0x' || substr(
                sha256(unhex({{ key }}) || encode({{ words | join(" || '|' || ") }})), 1, 8
            ) as bigint)
            as decimal(12, 0)
        ) / 4294967296.0
    )
{%- endmacro %}

{% macro duckdb__keyed_hash(key, kind, word) -%}
    sha256(unhex({{ key }}) || encode('{{ kind }}|' || {{ word }}))
{%- endmacro %}

{#- The type is made by engines/lake/session: contracts name PostgreSQL's types. A decimal keeps
    its digits, which to_json would round to a double. -#}
{% macro duckdb__json_object(pairs) -%}
    cast(
        '{' ||
        {%- for name, value in pairs | sort %}
        '"{{ name }}":' || coalesce(
            case
                when typeof({{ value }}) like 'DECIMAL%' then cast({{ value }} as varchar)
                else cast(to_json({{ value }}) as varchar)
            end, 'null'
        ) || {% if not loop.last %}',' || {% endif -%}
        {% endfor %}
        '}' as jsonb
    )
{%- endmacro %}

{#- DuckDB divides decimals as doubles, of 16 digits; exact_ratio is made by
    engines/lake/session. -#}
{% macro duckdb__ratio(a, b, scale) -%}
    cast(
        exact_ratio(
            cast({{ a }} as numeric(38, {{ scale + 10 }})),
            cast({{ b }} as numeric(38, 8)),
            {{ scale }}
        ) as numeric({{ scale + 12 }}, {{ scale }})
    )
{%- endmacro %}

{#- Texts are compared byte by byte anyway. -#}
{% macro duckdb__text_order(expression) -%}
    {{ expression }}
{%- endmacro %}

{% macro duckdb__analyze(columns) -%}
    analyze {{ this }}
{%- endmacro %}

{% macro duckdb__never_row_by_row() -%}
{%- endmacro %}

{% macro duckdb__in_one_process() -%}
{%- endmacro %}
