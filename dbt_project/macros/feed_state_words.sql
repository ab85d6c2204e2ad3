{#- Why a feed is stale, for people. `states` is the alias of a row of feed_states' making. -#}
{% macro feed_state_words(states) -%}
    {%- set missing_on = regulars.text_of(states ~ '.missing_on') -%}
    {%- set refused_on = regulars.text_of(states ~ '.refused_on') -%}
    {%- set refused_files = regulars.text_of(states ~ '.refused_files') -%}
    {%- set doubted_on = regulars.text_of(states ~ '.doubted_on') -%}
    {%- set is_missing = states ~ '.missing_on is not null' -%}
    {%- set is_refused = states ~ '.refused_files > 0' -%}
    {%- set is_doubted = states ~ '.doubted_files > 0' -%}
    {{ regulars.concat_text([
        states ~ '.feed',
        "case when " ~ is_missing ~ " then ' is missing since ' || " ~ missing_on ~ " end",
        "case when " ~ is_missing ~ " and " ~ is_refused ~ " then ' and' end",
        "case when " ~ is_refused ~ " then ' has ' || " ~ refused_files ~ " || case when "
            ~ states ~ ".refused_files = 1 then ' refused file of ' else ' refused files since ' end"
            ~ " || " ~ refused_on ~ " end",
        "case when (" ~ is_missing ~ " or " ~ is_refused ~ ") and " ~ is_doubted
            ~ " then ' and' end",
        "case when " ~ is_doubted ~ " then ' is in doubt since ' || " ~ doubted_on
            ~ " || ' (a header alone, no line end, an earlier file again, or far fewer rows than usual:"
            ~ " send that day again)' end",
    ]) }}
{%- endmacro %}
