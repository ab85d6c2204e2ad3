{#- dbt renames the old table, renames the new one and drops the old one, each time in a fresh
    context of every macro there is: a quarter of what a build computes. Here one statement puts
    the new table in the old one's place, in the transaction that made it. -#}
{% materialization table, adapter='postgres' -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- if regulars.stands() -%}
        {% call statement('main', auto_begin=False) -%} select 0 {%- endcall %}
        {{ return({'relations': [target]}) }}
    {%- endif -%}
    {%- set fresh = make_intermediate_relation(target) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        drop table if exists {{ fresh }};
        {{ get_create_table_as_sql(False, fresh, sql) }}
    {%- endcall %}
    {% do create_indexes(fresh) %}
    {% call statement('put_in_place') -%}
        {{ regulars.drop_standing() }}
        alter table {{ fresh }} rename to {{ target.identifier }};
    {%- endcall %}
    {{ return(regulars.finish(target)) }}
{%- endmaterialization %}

{% materialization view, adapter='postgres' -%}
    {%- set target = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        {{ regulars.drop_standing() }}
        {{ get_create_view_as_sql(target, sql) }}
    {%- endcall %}
    {{ return(regulars.finish(target)) }}
{%- endmaterialization %}
