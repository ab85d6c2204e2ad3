{#- Everybody counted by `columns`, in whose order they are compared first, the best last: a query
    over `people`, a row for all who are alike.

    | column     | meaning                                                          |
    |------------|------------------------------------------------------------------|
    | (columns)  | what they are alike in                                           |
    | worse      | how many are worse                                               |
    | everybody  | how many there are                                               |
    | quintile   | the fifth of the best among them, 1 to 5                         |
    | is_split   | whether one ends among them: only then it matters who is better  |
-#}
{% macro quintiles_of_alike(people, columns) -%}
    {%- set least, most = 'worse + 1', 'worse + alike' -%}
    select
        placed.*,
        {{ regulars.quintile(most, 'everybody') }} as quintile,
        {{ regulars.quintile(least, 'everybody') }} < {{ regulars.quintile(most, 'everybody') }}
            as is_split
    from (
        select
            counted.*,
            sum(alike) over () as everybody,
            sum(alike) over (
                order by {{ columns | join(' asc nulls last, ') }} asc nulls last
            ) - alike as worse
        from (
            select
                {{ columns | join(', ') }},
                cast(count(*) as integer) as alike
            from {{ people }}
            group by {{ columns | join(', ') }}
        ) as counted
    ) as placed
{%- endmacro %}
