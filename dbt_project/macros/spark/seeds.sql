{#- The adapter binds an empty cell of a seed as the text 'None': rows are written as literals here. -#}
{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set statement_sql -%}
    create table {{ this.render() }} (
        {%- for name in agate_table.column_names %}
        {{ name }} {{ regulars.seed_type(model, agate_table, loop.index0) }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    {{ file_format_clause() }}
    {%- endset -%}
    {%- call statement('create_seed') -%} {{ statement_sql }} {%- endcall -%}
    {{ return(statement_sql) }}
{%- endmacro %}

{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set rows = [] -%}
    {%- for row in agate_table.rows -%}
        {%- set cells = [] -%}
        {%- for value in row -%}
            {%- do cells.append(
                'cast(' ~ regulars.seed_literal(value) ~ ' as ' ~ regulars.seed_type(model, agate_table, loop.index0) ~ ')'
            ) -%}
        {%- endfor -%}
        {%- do rows.append('(' ~ cells | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- set statement_sql = 'insert into ' ~ this.render() ~ ' values ' ~ rows | join(', ') -%}
    {%- do adapter.add_query(statement_sql, abridge_sql_log=True) -%}
    {{ return(statement_sql) }}
{%- endmacro %}

{% macro seed_literal(value) -%}
    {{ return('null' if value is none else regulars.text_literal(value | string)) }}
{%- endmacro %}

{% macro seed_type(model, agate_table, position) -%}
    {%- set name = agate_table.column_names[position] -%}
    {%- set declared = model.config.get('column_types', {}).get(name) -%}
    {{ return(regulars.engine_type(declared or adapter.convert_type(agate_table, position))) }}
{%- endmacro %}
