{{ config(schema="pii") }}

{{ reported_noes('mailchimp') }}
