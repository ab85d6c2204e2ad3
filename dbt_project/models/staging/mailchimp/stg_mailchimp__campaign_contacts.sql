{{ config(schema="pii") }}

{{ reported_contacts('mailchimp') }}
