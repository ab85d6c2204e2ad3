{#
What a list's YAML says of it, handed over in the variable `lists` (code -> definition and columns):
scripts/regulars/project/list_definitions.py reads and checks it before the night begins. dbt's graph
would not do: it is empty while dbt parses, and in unit tests.
#}

{% macro list_definition(list_code) -%}
    {{ return(var('lists')[list_code].definition) }}
{%- endmacro %}

{# What the list says in the company's language. #}
{% macro list_words(list_code) -%}
    {{ return(regulars.list_definition(list_code).words[var('language')]) }}
{%- endmacro %}

{# One value of the definition as a literal: `priority`, `offer.share`; null if it is not given. #}
{% macro list_value(list_code, key) -%}
    {%- if not execute -%}
        {{ return('null') }}
    {%- endif -%}
    {%- set group, _, name = key.rpartition('.') -%}
    {%- if group -%}
        {%- set value = regulars.list_definition(list_code)[group][name] -%}
    {%- else -%}
        {%- set value = regulars.list_definition(list_code).get(name) -%}
    {%- endif -%}
    {%- if value is none -%}
        {{ return('null') }}
    {%- endif -%}
    {{ return(regulars.text_literal(value) if value is string else value) }}
{%- endmacro %}

{# What the list says of itself by name (`who`), its own numbers filled in: a threshold, or one that
   every list has; null if it says nothing. `language` is words(). #}
{% macro list_text(list_code, name, language) -%}
    {%- set said = regulars.list_words(list_code).get(name) if execute else none -%}
    {%- if said is none -%}
        {{ return('null') }}
    {%- endif -%}
    {%- set numbers = dict(regulars.list_definition(list_code)) -%}
    {%- for threshold, declared in (numbers.thresholds or {}).items() -%}
        {%- do numbers.update({threshold: declared.value}) -%}
    {%- endfor -%}
    {{ return(regulars.filled_in(regulars.with_numbers(said, numbers), language)) }}
{%- endmacro %}

{# The value of one of the list's own thresholds. #}
{% macro list_threshold(list_code, name) -%}
    {{ return(regulars.list_definition(list_code).thresholds[name].value if execute else 0) }}
{%- endmacro %}

{# What says how somebody is reached for the list: its own column `contact_channel`, if it declares
   one, else its channel. #}
{% macro contact_channel(list_code, table) -%}
    {%- for name, _ in (var('lists')[list_code].columns if execute else []) -%}
        {%- if name == 'contact_channel' -%}
            {{ return(table ~ '.' ~ name) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(regulars.list_value(list_code, 'channel')) }}
{%- endmacro %}

{# The list's own columns as one value. #}
{% macro list_details(list_code) -%}
    {%- set pairs = [] -%}
    {%- if execute -%}
        {%- for name, type in var('lists')[list_code].columns -%}
            {%- do pairs.append([name, 'cast(' ~ name ~ ' as ' ~ regulars.engine_type(type) ~ ')']) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(regulars.json_object(pairs)) }}
{%- endmacro %}

{# One of the list's own sentences: kind is `ineligible`, `reasons` or `actions`. #}
{% macro list_sentence(list_code, code_column, kind, language=none) -%}
    {%- set templates = regulars.list_words(list_code)[kind] if execute else {} -%}
    {{ return(regulars.sentence(code_column, templates, language)) }}
{%- endmacro %}

{# Sentences all lists share: kind is `exclusions`, `movements` or `value_reasons`; names are those
   that can be needed here, for a sentence is filled in where its facts are. #}
{% macro shared_sentence(code_column, kind, names) -%}
    {%- set templates = {} -%}
    {%- set language = regulars.words() if execute else none -%}
    {%- if execute -%}
        {%- for name in names -%}
            {%- set said = language[kind][name] -%}
            {%- do templates.update({name: said.sentence if said is mapping else said}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(regulars.sentence(code_column, templates, language)) }}
{%- endmacro %}
