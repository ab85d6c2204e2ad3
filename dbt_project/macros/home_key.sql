{#- One spelling of an address, to be compared with others: country, postcode and street in lower
    case without accents, punctuation and spaces (but between two numbers); "Street", "straat" and
    "Straße" as they are abbreviated. Null without a postcode or a house number, and of a box or a
    parcel station: nobody lives there.

    | country | postcode | street              | key                          |
    |---------|----------|---------------------|------------------------------|
    | NL      | 1012 AB  | Kerkstraat 12-A     | nl \| 1012ab \| kerkstr12a    |
    | nl      | 1012ab   | kerkstr. 12 a       | nl \| 1012ab \| kerkstr12a    |
    | FR      | 75011    | 5, rue de l'Église  | fr \| 75011 \| 5ruedeleglise  |
    | GB      | LS4 2QT  | 3 1 Mill Road       | gb \| ls42qt \| 3 1millrd     |
    | NL      | 1012 AB  | Postbus 12          |                              |
-#}
{% macro home_key(country, postcode, street) -%}
    {%- set words = regulars.plain_address(street) -%}
    {%- set shortened = namespace(street=words) -%}
    {%- for long, short in [
        ('strasse', 'str'), ('straat', 'str'), ('street', 'st'), ('road', 'rd'), ('avenue', 'ave'),
    ] -%}
        {%- set shortened.street = "replace(" ~ shortened.street ~ ", '" ~ long ~ "', '" ~ short ~ "')" -%}
    {%- endfor -%}
    case
        when
            translate({{ words }}, '0123456789', '') <> {{ words }}
            and {{ words }} not like '%postbus%'
            and {{ words }} not like '%postfach%'
            and {{ words }} not like '%packstation%'
            and {{ words }} not like 'pobox%'
            and {{ words }} not like 'bp%'
            and {{ regulars.plain_address(postcode) }} <> ''
            then {{ regulars.concat_text([
                "lower(coalesce(" ~ country ~ ", ''))", "' | '",
                "replace(" ~ regulars.plain_address(postcode) ~ ", ' ', '')", "' | '",
                shortened.street,
            ]) }}
    end
{%- endmacro %}


{#- Letters and digits of a line of an address: accents go, composed or not; what is neither letter
    nor digit goes too, but a space between two numbers. -#}
{% macro plain_address(line) -%}
    {%- set accented = 'àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ' -%}
    {%- set plain = 'aaaaaaceeeeiiiinoooooouuuuyy' -%}
    {%- set marks = '\u0300\u0301\u0302\u0303\u0308\u030a\u0327' -%}
    {%- set punctuation = '.,;:/_()#&+-\u2013\u2019\u00a0"\t' -%}
    {%- set folded = "replace(replace(translate(lower(" ~ line ~ "), '"
        ~ accented ~ punctuation ~ marks ~ "', '" ~ plain ~ ' ' * (punctuation | length)
        ~ "'), 'ß', 'ss'), chr(39), '')" -%}
    {{ return(adapter.dispatch('close_up', 'regulars')(folded)) }}
{%- endmacro %}

{% macro default__close_up(words) -%}
    trim(regexp_replace(
        regexp_replace(
            regexp_replace({{ words }}, ' +', ' ', 'g'),
            ' ([^0-9])', '\1', 'g'
        ),
        '([^0-9]) ', '\1', 'g'
    ))
{%- endmacro %}
