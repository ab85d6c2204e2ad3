{#- Whether a customer belongs to the fixed part of all that the backtest and the fits on single
    purchase days look at: the first digits of the id's digest lie below a bound. The bound is the
    column sampled_below of backtest_window; with up to backtest_customers customers it is above
    every digest. -#}
{% macro is_sampled(customer_id) -%}
    {{ regulars.text_order('substr(md5(' ~ customer_id ~ '), 1, 8)') }}
    < (select backtest_window.sampled_below from {{ ref('backtest_window') }} as backtest_window)
{%- endmacro %}

{#- The bound for so many customers: each halving leaves half of the digests below it.

    | customers | result   |                     |
    |-----------|----------|---------------------|
    | 50000     | g        | everybody           |
    | 50001     | 80000000 | one half of them    |
    | 200000    | 40000000 | one quarter of them |
-#}
{% macro sampled_below(customers) -%}
    case
        when {{ customers }} <= {{ var('backtest_customers') }} then 'g'
        {%- for halvings in range(1, 31) %}
        when {{ customers }} <= {{ var('backtest_customers') * 2 ** halvings }}
            then '{{ '%08x' % (16 ** 8 // 2 ** halvings) }}'
        {%- endfor %}
    end
{%- endmacro %}

{#- The share of the customers that is sampled, of so many. -#}
{% macro sampled_share(customers) -%}
    case
        when {{ customers }} <= {{ var('backtest_customers') }} then 1
        {%- for halvings in range(1, 31) %}
        when {{ customers }} <= {{ var('backtest_customers') * 2 ** halvings }}
            then {{ '%.32f' % (0.5 ** halvings) }}
        {%- endfor %}
    end
{%- endmacro %}
