{#
A sentence chosen by name, with its facts filled in.

    code_column  expression: the name of the sentence; any other name, or none, gives null
    templates    name -> text with facts in braces: a column, or a column and how it is said
    language     words() of who has them: reading them takes longer than all else here

    sentence('reason_code', {'once': 'bought once, {days_since_first:days_ago}'})
    reason_code  days_since_first  result
    once         41                bought once, 41 days ago
    once         1                 bought once, 1 day ago
    once         null              null: a sentence is never told with a hole in it
    other        41                null

How a fact is said: `date` is a day, with its year unless that is the night's, `number` a whole number
and `decimal` one with two digits behind the point, `duration` minutes in the unit a person would use,
`exact_duration` the same to the minute, `in_100` a share, `plain` a code in lower case without
underscores; everything else is one of the language's `forms` (a number with its noun) or `codes`
(a word for a code).
#}
{% macro sentence(code_column, templates, language=none) -%}
    {%- if not execute or not templates -%}
        {{ return("cast(null as " ~ dbt.type_string() ~ ")") }}
    {%- endif -%}
    {%- set language = language or regulars.words() -%}
    case {{ code_column }}
        {%- for name, template in templates.items() %}
        when '{{ name }}' then {{ regulars.filled_in(template, language) }}
        {%- endfor %}
    end
{%- endmacro %}

{# A template as an expression: its text and its facts, one after the other. #}
{% macro filled_in(template, language) -%}
    {%- set pieces = [] -%}
    {%- for piece in modules.re.split('[{}]', template) -%}
        {%- if loop.index is divisibleby(2) -%}
            {%- set column, _, form = piece.partition(':') -%}
            {%- do pieces.append(regulars.said(column, form, language)) -%}
        {%- elif piece -%}
            {%- do pieces.append(regulars.text_literal(piece)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(pieces | join(' || ')) }}
{%- endmacro %}

{# A template with numbers, known now, in the place of their names:
   with_numbers('in {first} to {last:days}', {'first': 30, 'last': 60})  ->  in {30} to {60:days} #}
{% macro with_numbers(template, numbers) -%}
    {%- set pieces = [] -%}
    {%- for piece in modules.re.split('[{}]', template) -%}
        {%- set name, colon, form = piece.partition(':') -%}
        {%- do pieces.append(
            '{' ~ numbers[name] ~ colon ~ form ~ '}' if loop.index is divisibleby(2) else piece
        ) -%}
    {%- endfor -%}
    {{ return(pieces | join) }}
{%- endmacro %}

{% macro said(value, form, language) -%}
    {%- if not form -%}
        {{ return(regulars.text_of(value)) }}
    {%- elif form == 'date' -%}
        {{ return(regulars.day_in_words(value, language)) }}
    {%- elif form == 'number' -%}
        {{ return(regulars.grouped(value, 0, language)) }}
    {%- elif form == 'decimal' -%}
        {{ return(regulars.grouped(value, 2, language)) }}
    {%- elif form == 'duration' -%}
        {{ return(regulars.duration_in_words(value, language)) }}
    {%- elif form == 'exact_duration' -%}
        {{ return(regulars.exact_duration_in_words(value, language)) }}
    {%- elif form == 'in_100' -%}
        {{ return(regulars.in_100_in_words(value, language)) }}
    {%- elif form == 'plain' -%}
        {{ return("replace(" ~ regulars.lower_case(value) ~ ", '_', ' ')") }}
    {%- elif form in language.forms -%}
        {{ return(regulars.counted(value, language.forms[form], language)) }}
    {%- elif form in language.codes -%}
        {{ return(regulars.decoded(value, language.codes[form])) }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        "{" ~ value ~ ":" ~ form ~ "}: a fact can be said as date, number, decimal, duration, exact_duration, in_100, plain, "
        ~ (language.forms.keys() | list + language.codes.keys() | list) | join(', ') ~ "."
    ) }}
{%- endmacro %}

{% macro text_of(value) -%}
    cast({{ value }} as {{ dbt.type_string() }})
{%- endmacro %}

{% macro text_literal(text) -%}
    {%- if not modules.re.search("['\\\\]", text) -%}
        {{ return("'" ~ text ~ "'") }}  {#- alike on every engine, and there are thousands #}
    {%- endif -%}
    {{ return(adapter.dispatch('text_literal', 'regulars')(text)) }}
{%- endmacro %}

{% macro default__text_literal(text) -%}
    {{ return(dbt.string_literal(dbt.escape_single_quotes(text))) }}
{%- endmacro %}

{% macro whole(value) -%}
    cast(round({{ value }}) as integer)
{%- endmacro %}

{# A number as the language writes it, with marks between its thousands; a language without such a
   mark leaves them out.

    | value   | digits | English  | German   |
    |---------|--------|----------|----------|
    | 1234    | 0      | 1,234    | 1.234    |
    | 1234.50 | 2      | 1,234.50 | 1.234,50 |
#}
{% macro grouped(value, digits, language) -%}
    {%- set marks = language.decimal_mark ~ language.get('thousands_mark', '') -%}
    {%- set below_thousand = regulars.text_of(value) -%}
    {%- if digits -%}
        {%- set below_thousand = "replace(" ~ below_thousand ~ ", '.', '" ~ marks[0] ~ "')" -%}
    {%- endif -%}
    case
        when abs({{ value }}) < 1000 then {{ below_thousand }}
        else translate({{ regulars.in_thousands(value, digits) }}, '.,', {{ regulars.text_literal(marks) }})
    end
{%- endmacro %}

{# The number in English, with so many digits behind the point. #}
{% macro in_thousands(value, digits) -%}
    {{ return(adapter.dispatch('in_thousands', 'regulars')(value, digits)) }}
{%- endmacro %}

{% macro default__in_thousands(value, digits) -%}
    to_char({{ value }}, 'FM999,999,999,999,990{{ '.' ~ '0' * digits if digits }}')
{%- endmacro %}

{# A number with its noun: forms has `one`, `many` and perhaps `none`; # is the number. #}
{% macro counted(value, forms, language) -%}
    {%- set number = regulars.whole(value) -%}
    {%- set many = [] -%}
    {%- for piece in forms.many.split('#') -%}
        {%- if not loop.first -%}{%- do many.append(regulars.grouped(number, 0, language)) -%}{%- endif -%}
        {%- if piece -%}{%- do many.append(regulars.text_literal(piece)) -%}{%- endif -%}
    {%- endfor -%}
    case
        {%- if 'none' in forms %}
        when {{ number }} = 0 then {{ regulars.text_literal(forms.none) }}
        {%- endif %}
        when {{ number }} = 1 then {{ regulars.text_literal(forms.one) }}
        else {{ many | join(' || ') }}
    end
{%- endmacro %}

{# A share: what is not quite nothing or everything is said to be neither. #}
{% macro in_100_in_words(share, language) -%}
    case
        when {{ share }} < 1 and {{ share }} >= 0.995
            then {{ regulars.text_literal(language.forms.in_100.almost) }}
        else {{ regulars.counted(share ~ ' * 100', language.forms.in_100, language) }}
    end
{%- endmacro %}

{# Minutes that passed, in whole hours from two hours on and in whole days from two days on; `more
   than` so many where there is a rest, so that they are never said to be what was promised. #}
{% macro duration_in_words(minutes, language) -%}
    case
        when {{ minutes }} < 120 then {{ regulars.counted(minutes, language.forms.minutes, language) }}
        when {{ minutes }} < 2880
            then {{ regulars.completed(minutes, 60, language.forms.hours, language) }}
        else {{ regulars.completed(minutes, 1440, language.forms.days, language) }}
    end
{%- endmacro %}

{% macro completed(minutes, of, forms, language) -%}
    {%- set before, after = language.more_than.split('#') -%}
    {%- set told = regulars.counted('floor(' ~ minutes ~ ' / ' ~ of ~ '.0)', forms, language) -%}
    case
        when mod(cast({{ minutes }} as integer), {{ of }}) = 0 then {{ told }}
        else {{ regulars.text_literal(before) }} || {{ told }} || {{ regulars.text_literal(after) }}
    end
{%- endmacro %}

{# Minutes as they were promised, to the minute: in days or hours where they are whole ones. #}
{% macro exact_duration_in_words(minutes, language) -%}
    case
        when {{ minutes }} < 120 or mod(cast({{ minutes }} as integer), 60) <> 0
            then {{ regulars.counted(minutes, language.forms.minutes, language) }}
        when {{ minutes }} < 2880 or mod(cast({{ minutes }} as integer), 1440) <> 0
            then {{ regulars.counted(minutes ~ ' / 60.0', language.forms.hours, language) }}
        else {{ regulars.counted(minutes ~ ' / 1440.0', language.forms.days, language) }}
    end
{%- endmacro %}

{# 3 March, as the language writes it; 3 March 2024 of another year than the night's. #}
{% macro day_in_words(day, language) -%}
    {%- set pieces = [] -%}
    {%- for piece in modules.re.split('[{}]', language.day_of_month) -%}
        {%- if piece == 'day' -%}
            {%- do pieces.append(regulars.text_of('cast(extract(day from ' ~ day ~ ') as integer)')) -%}
        {%- elif piece == 'month' -%}
            {%- do pieces.append(regulars.month_in_words(day, language.months)) -%}
        {%- elif piece -%}
            {%- do pieces.append(regulars.text_literal(piece)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do pieces.append(regulars.year_in_words(day)) -%}
    {{ return(pieces | join(' || ')) }}
{%- endmacro %}

{# What follows a day and its month: nothing in the night's year, else the year. #}
{% macro year_in_words(day) -%}
    case
        when extract(year from {{ day }}) = extract(year from {{ regulars.as_of() }}) then ''
        else ' ' || {{ regulars.text_of('cast(extract(year from ' ~ day ~ ') as integer)') }}
    end
{%- endmacro %}

{% macro month_in_words(day, months) -%}
    case extract(month from {{ day }})
        {%- for month in months %}
        when {{ loop.index }} then {{ regulars.text_literal(month) }}
        {%- endfor %}
    end
{%- endmacro %}

{# A code's word; a code that has none is said without underscores. #}
{% macro decoded(value, names) -%}
    case {{ value }}
        {%- for code, word in names.items() %}
        when {{ regulars.text_literal(code) }} then {{ regulars.text_literal(word) }}
        {%- endfor %}
        else replace({{ value }}, '_', ' ')
    end
{%- endmacro %}
