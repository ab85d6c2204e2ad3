{#
Numbers, days and durations as a person would say them, for the reasons on a list.

    text_of('3')                      -> '3'
    in_100('0.184')                   -> '18 in 100'; below one half: 'fewer than 1 in 100'
    duration_in_words('7200')         -> '5 days'   (minutes; hours below two days)
    counted('2', 'day')               -> '2 days'
    day_in_words("date '2026-03-03'") -> '3 March'
#}
{% macro text_of(value) -%}
    cast({{ value }} as {{ dbt.type_string() }})
{%- endmacro %}

{% macro whole(value) -%}
    cast(round({{ value }}) as integer)
{%- endmacro %}

{% macro counted(value, noun) -%}
    case
        when {{ value }} = 1 then '1 {{ noun }}'
        else {{ text_of(value) }} || ' {{ noun }}s'
    end
{%- endmacro %}

{% macro in_100(share) -%}
    case
        when {{ share }} < 0.005 then 'fewer than 1 in 100'
        else {{ text_of(whole(share ~ ' * 100')) }} || ' in 100'
    end
{%- endmacro %}

{% macro duration_in_words(minutes) -%}
    case
        when {{ minutes }} < 120 then {{ counted(whole(minutes), 'minute') }}
        when {{ minutes }} < 2880 then {{ text_of(whole(minutes ~ ' / 60.0')) }} || ' hours'
        else {{ text_of(whole(minutes ~ ' / 1440.0')) }} || ' days'
    end
{%- endmacro %}

{% macro day_in_words(day) -%}
    {{ return(adapter.dispatch('day_in_words')(day)) }}
{%- endmacro %}

{% macro default__day_in_words(day) -%}
    to_char({{ day }}, 'FMDD FMMonth')
{%- endmacro %}

{% macro spark__day_in_words(day) -%}
    date_format({{ day }}, 'd MMMM')
{%- endmacro %}
