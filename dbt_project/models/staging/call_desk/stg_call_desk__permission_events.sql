{{ config(schema="pii") }}

{{ reported_noes('call_desk') }}
