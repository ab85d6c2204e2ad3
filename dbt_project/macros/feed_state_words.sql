{#- Why a feed is not in, in the company's language. `states` is the alias of a row of feed_states'
    making. -#}
{% macro feed_state_words(states) -%}
    {%- if not execute -%}
        {{ return("cast(null as " ~ dbt.type_string() ~ ")") }}
    {%- endif -%}
    {%- set words = regulars.words().feeds -%}
    {%- set is_missing = states ~ '.missing_on is not null' -%}
    {%- set is_refused = states ~ '.refused_files > 0' -%}
    {%- set is_doubted = states ~ '.doubted_files > 0' -%}
    {%- set together = regulars.text_literal(words.together) -%}
    {{ regulars.concat_text([
        states ~ '.feed',
        regulars.words_if(is_missing, words.missing, states),
        "case when " ~ is_missing ~ " and " ~ is_refused ~ " then " ~ together ~ " end",
        regulars.words_if(is_refused ~ " and " ~ states ~ ".refused_files = 1", words.refused, states),
        regulars.words_if(states ~ ".refused_files > 1", words.refused_often, states),
        "case when (" ~ is_missing ~ " or " ~ is_refused ~ ") and " ~ is_doubted ~ " then " ~ together
            ~ " end",
        regulars.words_if(is_doubted, words.doubted, states),
    ]) }}
{%- endmacro %}

{#- A template's words where the condition holds; its facts are columns of `row`. -#}
{% macro words_if(condition, template, row) -%}
    case
        when {{ condition }}
            then {{ regulars.filled_in(template | replace('{', '{' ~ row ~ '.'), regulars.words()) }}
    end
{%- endmacro %}
