-- The last check before a file, up to `wrong`, which says of everybody who would be in one what
-- speaks against it. permission.py fills in what stands in braces.
-- needs: of a platform that a list goes to, the consents that let somebody into its file
with lists (list_code, class, channel, purpose, needs) as (values {lists}),
-- what is asked for on a channel, all of which an unsubscribe or a complaint there refuses; on all
-- of them where it names none
asked_for (channel, purpose) as (values {purposes}),
versions as materialized (
    select distinct customer_id, email, phone, country from ({versions}) as delivered
),
treated as materialized (
    select rows.list_code, rows.customer_id, rows.household_id, rows.email, rows.phone_e164,
        lists.class, lists.channel, lists.purpose, cast(lists.needs as text[]) as needs
    from ({people}) as rows
    inner join lists on lists.list_code = rows.list_code
    where lists.needs is null or string_to_array(rows.granted, ' ') @> cast(lists.needs as text[])
),
reached_at as materialized (
    select 'email' as kind, email as address from treated where email <> ''
    union
    select 'phone', phone_e164 from treated where phone_e164 <> ''
),
-- every address that an account has or had, in normal form; as it was written too where somebody is
-- to be reached there
addresses as materialized (
    select versions.customer_id as account_id, forms.kind, forms.normal as address
    from versions
    inner join pii.normal_forms as forms
        on forms.kind = 'email' and forms.original = versions.email
        and forms.country = ''
    where forms.normal is not null
    union
    select versions.customer_id, forms.kind, forms.normal
    from versions
    inner join pii.normal_forms as forms
        on forms.kind = 'phone' and forms.original = versions.phone
        and forms.country = coalesce(versions.country, '')
    where forms.normal is not null
    union
    select versions.customer_id, reached_at.kind, reached_at.address
    from versions
    inner join reached_at
        on reached_at.kind = 'email' and reached_at.address = {email_version}
    union
    select versions.customer_id, reached_at.kind, reached_at.address
    from versions
    inner join reached_at
        on reached_at.kind = 'phone' and reached_at.address = {phone_version}
),
together as materialized (
    select account_id, customer_id from ({links}) as links where is_standing
),
said as materialized ({said}),
events as materialized (
    select {columns} from ({mapped}) as mapped
    union all
    select
        kind, trim(customer_id), reference, channel, purpose, happened_at, is_no, source
    from said
    where trim(customer_id) <> ''
    union all
    select
        said.kind, addresses.account_id, said.reference, said.channel, said.purpose,
        said.happened_at, said.is_no, said.source
    from said
    inner join pii.normal_forms as forms
        on forms.original = said.address and forms.country = ''
        and forms.kind = case said.channel when 'email' then 'email' else 'phone' end
    inner join addresses on addresses.kind = forms.kind and addresses.address = forms.normal
    union all
    select
        said.kind, addresses.account_id, said.reference, said.channel, said.purpose,
        said.happened_at, said.is_no, said.source
    from said
    inner join addresses
        on addresses.kind = case said.channel when 'email' then 'email' else 'phone' end
        and addresses.address
            = case said.channel when 'email' then {email_said} else {phone_said} end
),
words as (
    select
        events.customer_id as account_id, events.kind, coalesce(events.reference, '') as reference,
        events.channel,
        case when events.kind in ('opt_out', 'complaint')
            then coalesce(asked_for.purpose, 'marketing') else events.purpose end as purpose,
        max(coalesce(happened_at, 'infinity')) filter (where is_no) as no_at,
        max(happened_at) filter (where not is_no and happened_at < %(end)s) as yes_at
    from events
    left join asked_for
        on events.kind in ('opt_out', 'complaint')
        and asked_for.channel = coalesce(events.channel, '')
    where events.kind <> 'bounce'
    group by 1, 2, 3, 4, 5
),
-- what the company lets open an unsubscribe again
reopened as (
    select customer_id as account_id, channel, purpose, max(happened_at) as yes_at
    from events
    where kind = 'consent' and not is_no
        and source = any(%(reopens)s) and happened_at < %(end)s
    group by 1, 2, 3
),
of_people as (
    select words.*, coalesce(aliases.customer_id, words.account_id) as customer_id
    from words
    left join {aliases} as aliases on aliases.account_id = words.account_id
    union all
    select words.*, together.customer_id
    from words
    inner join together on together.account_id = words.account_id
),
noes as (
    select of_people.*
    from of_people
    left join reopened
        on of_people.kind = 'opt_out' and reopened.account_id = of_people.account_id
        and reopened.channel = of_people.channel
        and reopened.purpose = of_people.purpose and reopened.yes_at > of_people.no_at
    where of_people.no_at >= coalesce(of_people.yes_at, '-infinity')
        and reopened.account_id is null
),
yeses as (
    select * from of_people where kind = 'consent' and yes_at > coalesce(no_at, '-infinity')
),
-- no channel is every one; that somebody is gone is said of none
refusals as (
    select noes.customer_id, noes.account_id, noes.kind, noes.purpose,
        coalesce(noes.channel, asked.channel) as channel
    from noes
    left join (select distinct channel, purpose from lists) as asked
        on noes.channel is null and asked.purpose = noes.purpose
),
-- every address that whoever said no has or had
refused as (
    select distinct
        refusals.channel, refusals.purpose, refusals.kind, refusals.customer_id, addresses.address
    from refusals
    inner join addresses on addresses.account_id = refusals.account_id
    where refusals.channel is null or refusals.channel = addresses.kind
        or refusals.channel = any(%(by_any_address)s)
),
-- who would be reached at an address of somebody who was erased
suppressed as (
    select a.customer_id, a.kind, s.erased_on
    from (
        select customer_id, 'email' as kind, email as address from treated
        union
        select customer_id, 'phone', phone_e164 from treated
    ) as a
    cross join decisions.suppression_key as k
    inner join decisions.suppressions as s
        on s.kind = a.kind and s.erased_on <= %(as_of)s and s.keyed_hash
            = encode(sha256(k.key || convert_to(a.kind || '|' || a.address, 'UTF8')), 'hex')
),
-- each once, so that everybody on a list meets one row: a join, for a look at every word per person
-- would take a company of many customers hours
agreed as (select distinct customer_id, channel, purpose from yeses),
refusing as (select distinct customer_id, channel, purpose from refusals),
gone as (select distinct customer_id from noes where kind in ('death', 'erasure')),
gone_from as (select distinct address from refused where kind in ('death', 'erasure')),
erased_at as (
    select distinct suppressed.customer_id
    from suppressed
    where not exists (
        select 1 from yeses
        where yeses.customer_id = suppressed.customer_id and yeses.channel = suppressed.kind
            and cast(yeses.yes_at at time zone %(zone)s as date) > suppressed.erased_on
    )
),
refused_at as (
    select address, channel, purpose, min(customer_id) as one, max(customer_id) as another
    from refused
    group by address, channel, purpose
),
unread (delivery_id, line, is_farewell, form, word) as materialized ({unread}),
made_good (delivery_id, line, form) as materialized ({made_good}),
in_doubt as materialized (
    select distinct unread.is_farewell, unread.form, unread.word
    from unread
    where not exists (
        select 1 from made_good
        where made_good.delivery_id = unread.delivery_id and made_good.line = unread.line
    ) and (unread.delivery_id, unread.line) not in (
        select keys.delivery_id, keys.line
        from unread as keys
        inner join made_good
            on made_good.delivery_id = keys.delivery_id and made_good.form = keys.form
        where keys.form <> ''
    )
),
accounts as (
    select customer_id, customer_id as account_id from treated
    union
    select aliases.customer_id, aliases.account_id
    from {aliases} as aliases
    where aliases.customer_id in (select treated.customer_id from treated)
    union
    select customer_id, account_id from together
),
somebodys as (
    select customer_id as account_id from versions
    union
    select customer_id from ({customers}) as delivered
    union
    select account_id from {aliases} as aliases
    union
    select account_id from accounts
),
-- noes under an id that nobody has as it is written
misnamed as (
    select distinct
        refusals.channel, refusals.kind in ('death', 'erasure') as is_farewell,
        {said_form} as form, lower(trim(normalize(refusals.account_id, NFKC))) as word
    from refusals
    where not exists (
        select 1 from somebodys where somebodys.account_id = refusals.account_id
    )
),
-- what they may be called at without their country
numbers as materialized (
    select address, {national_part} as national
    from reached_at
    where kind = 'phone' and (exists (select 1 from in_doubt) or exists (select 1 from misnamed))
),
named as materialized (
    select customer_id, {account_form} as form
    from accounts
    where exists (select 1 from in_doubt) or exists (select 1 from misnamed)  -- none for nothing
),
doubted as (
    select named.customer_id, bool_or(in_doubt.is_farewell) as is_farewell
    from named
    inner join in_doubt on in_doubt.form = named.form
    where named.form <> ''
    group by named.customer_id
),
-- whom they may mean: by that id, or by the address that stands there; gone, or on which channel
meant as (
    select named.customer_id, misnamed.channel, misnamed.is_farewell
    from misnamed
    inner join named on named.form = misnamed.form
    where misnamed.form <> ''
    union
    select t.customer_id, misnamed.channel, misnamed.is_farewell
    from misnamed
    inner join treated as t on t.email = misnamed.word
    union
    select t.customer_id, misnamed.channel, misnamed.is_farewell
    from misnamed
    inner join treated as t on t.phone_e164 = misnamed.word
    union
    select t.customer_id, misnamed.channel, misnamed.is_farewell
    from misnamed
    inner join numbers on numbers.national = {misnamed_at_home}
    inner join treated as t on t.phone_e164 = numbers.address
),
meant_gone as (select distinct customer_id from meant where is_farewell),
meant_on as (select distinct customer_id, channel from meant where not is_farewell),
doubted_at as (
    select found.address, bool_or(found.is_farewell) as is_farewell
    from (
        select reached_at.address, in_doubt.is_farewell
        from reached_at
        inner join in_doubt on in_doubt.word = reached_at.address
        union all
        select numbers.address, in_doubt.is_farewell
        from numbers
        inner join in_doubt on {word_at_home} = numbers.national
    ) as found
    group by found.address
),
judged as (
    select
        t.list_code,
        t.customer_id,
        t.class,
        t.needs,
        gone.customer_id is not null as gone,
        gone_by_email.address is not null or gone_by_phone.address is not null
            or erased_at.customer_id is not null as at_address_of_gone,
        t.class = 'marketing' and ({is_held}) as held,
        agreed.customer_id is null as without_yes,
        refusing.customer_id is not null as with_no,
        (
            coalesce(t.customer_id not in (by_email.one, by_email.another), false)
            or coalesce(by_email.one <> by_email.another, false)
            or coalesce(t.customer_id not in (by_phone.one, by_phone.another), false)
            or coalesce(by_phone.one <> by_phone.another, false)
        ) as at_address_of_no,
        doubted.customer_id is not null or doubted_email.address is not null
            or doubted_phone.address is not null or meant_gone.customer_id is not null
            or meant_on.customer_id is not null as may_have_said_no,
        coalesce(doubted.is_farewell, false) or coalesce(doubted_email.is_farewell, false)
            or coalesce(doubted_phone.is_farewell, false)
            or meant_gone.customer_id is not null as may_be_gone
    from treated as t
    left join gone on gone.customer_id = t.customer_id
    left join erased_at on erased_at.customer_id = t.customer_id
    left join gone_from as gone_by_email on gone_by_email.address = t.email
    left join gone_from as gone_by_phone on gone_by_phone.address = t.phone_e164
    left join agreed
        on agreed.customer_id = t.customer_id
        and agreed.channel = t.channel and agreed.purpose = t.purpose
    left join refusing
        on refusing.customer_id = t.customer_id
        and refusing.channel = t.channel and refusing.purpose = t.purpose
    left join refused_at as by_email
        on by_email.address = t.email
        and by_email.channel = t.channel and by_email.purpose = t.purpose
    left join refused_at as by_phone
        on by_phone.address = t.phone_e164
        and by_phone.channel = t.channel and by_phone.purpose = t.purpose
    left join doubted on doubted.customer_id = t.customer_id
    left join doubted_at as doubted_email on doubted_email.address = t.email
    left join doubted_at as doubted_phone on doubted_phone.address = t.phone_e164
    left join meant_gone on meant_gone.customer_id = t.customer_id
    left join meant_on
        on meant_on.customer_id = t.customer_id and meant_on.channel = t.channel
),
-- what is owed to somebody needs no consent; whom to leave alone may be anybody
wrong as (
    select list_code, customer_id, needs, gone, at_address_of_gone, held,
        class in ('marketing', 'audience') and without_yes as without_yes,
        class in ('marketing', 'audience') and with_no as with_no,
        class in ('marketing', 'audience') and at_address_of_no as at_address_of_no,
        class in ('marketing', 'audience') and may_have_said_no
            or class = 'service' and may_be_gone as may_have_said_no,
        class = 'platform' and (
            without_yes or with_no or at_address_of_no or may_have_said_no
        ) as given_away
    from judged
)
