{{ config(schema="pii") }}

{{ reported_noes('braze') }}
