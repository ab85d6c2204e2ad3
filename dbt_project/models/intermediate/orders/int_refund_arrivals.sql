{{ config(materialized="view") }}

{{ union_systems('refund_arrivals') }}
