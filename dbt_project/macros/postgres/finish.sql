{#- What dbt does last with a table or view it has made: hooks, grants, comments, commit. -#}
{% macro finish(target) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do apply_grants(target, config.get('grants'), should_revoke=False) %}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmacro %}
