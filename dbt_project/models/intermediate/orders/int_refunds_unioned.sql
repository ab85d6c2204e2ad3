{{ config(materialized="view") }}

{{ union_systems('refunds') }}
