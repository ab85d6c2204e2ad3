{#- In lower case and without the marks of letters, composed or not (regulars/plain_letters.py); what
    is neither letter nor digit is a space. Most lines are ASCII and need no look at letters.

        without_accents("'Łódź, ΕΡΜΟΎ 5'")   lodz  ερμου 5 -#}
{% macro without_accents(line) -%}
    {%- set nothing = {'written': '', 'plain': '', 'marks': '', 'written_out': []} -%}
    {%- set letters = var('plain_letters') if execute else nothing -%}
    {%- set ascii_marks = '.,;:/_()#&+-"\t' -%}
    {%- set other_marks = '\u2013\u2019\u00a0' -%}
    {%- set plain = "translate(" ~ regulars.lower_case(line) ~ ", '" ~ ascii_marks ~ "', '"
        ~ ' ' * (ascii_marks | length) ~ "')" -%}
    {%- set bare = "translate(" ~ plain ~ ", '" ~ letters.written ~ other_marks ~ letters.marks
        ~ "', '" ~ letters.plain ~ ' ' * (other_marks | length) ~ "')" -%}
    {%- set words = namespace(sql=bare) -%}
    {%- for letter, several in letters.written_out -%}
        {%- set words.sql = "replace(" ~ words.sql ~ ", '" ~ letter ~ "', '" ~ several ~ "')" -%}
    {%- endfor -%}
    {{ return("replace(case when " ~ regulars.octets(line) ~ " = length(" ~ line ~ ") then " ~ plain
        ~ " else " ~ words.sql ~ " end, chr(39), '')") }}
{%- endmacro %}
