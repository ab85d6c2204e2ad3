{#- Quintiles of recency, frequency and money among customers, 1 to 5, best last, and the group that
    follows. Equals are told apart by the later purchase, then by id. A query over `standings`.

    Nobody is put in order but those among whom a quintile ends: who is alike in what is compared
    first is of one quintile otherwise. -#}
{% macro rfm_groups(standings) -%}
    {%- set measures = {
        'recency': ['last_purchase_on'],
        'frequency': ['orders_count', 'last_purchase_on'],
        'money': ['whole_net_sales'],
    } -%}
    with standings as (

        select
            told.*,
            cast(floor(told.net_sales) as bigint) as whole_net_sales
        from {{ standings }} as told

    ),

    {% for measure, columns in measures.items() -%}
    {{ measure }}_alike as {{ regulars.computed_once() }} (

        {{ regulars.quintiles_of_alike('standings', columns) }}

    ),

    {% endfor -%}
    compared as {{ regulars.computed_once() }} (

        select
            standings.*,
            {%- for measure in measures %}
            {{ measure }}_alike.worse as {{ measure }}_worse,
            {{ measure }}_alike.is_split as {{ measure }}_is_split,
            {{ measure }}_alike.quintile as {{ measure }}_of_best,
            {%- endfor %}
            recency_alike.everybody
        from standings
        {%- for measure, columns in measures.items() %}
        inner join {{ measure }}_alike
            on
                {%- for column in columns %}
                {{ 'and ' if not loop.first -}}
                standings.{{ column }} = {{ measure }}_alike.{{ column }}
                {%- endfor %}
        {%- endfor %}

    ),

    {% for measure, columns in measures.items() -%}
    {{ measure }}_split as (

        select
            customer_id,
            {{ regulars.quintile('place', 'everybody') }} as quintile
        from (
            select
                customer_id,
                everybody,
                {{ measure }}_worse + row_number() over (
                    partition by {{ columns | join(', ') }}
                    order by
                        {{- ' net_sales asc nulls last,' if measure == 'money' }}
                        last_purchase_on asc nulls last,
                        {{ regulars.text_order('customer_id') }} asc nulls last
                ) as place
            from compared
            where {{ measure }}_is_split
        ) as in_order

    ),

    {% endfor -%}
    quintiles as (

        select
            compared.*,
            {%- for measure in measures %}
            coalesce({{ measure }}_split.quintile, compared.{{ measure }}_of_best)
                as {{ measure }}_quintile{{ ',' if not loop.last }}
            {%- endfor %}
        from compared
        {%- for measure in measures %}
        left join {{ measure }}_split on compared.customer_id = {{ measure }}_split.customer_id
        {%- endfor %}

    )

    select
        quintiles.*,
        {{ regulars.rfm_group('recency_quintile', 'frequency_quintile', 'money_quintile') }}
            as rfm_group
    from quintiles
{%- endmacro %}
