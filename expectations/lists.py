"""The lists gate: may anybody send what was put on the lists tonight?

Consent, hold-outs and one list a household are asked of other tables than the ones that the lists
were built from wherever there are such. Sizes are compared with the last published night.
"""

from __future__ import annotations

from regulars.gates.expect import judgement, truth, warning
from regulars.gates.suites import GateContext, Publication, Suite

# ---------- thresholds, all of them

MOVE_SHARE = 0.30  # a list that grows or shrinks by more waits for a person's word
MOVE_PEOPLE = 50  # lists below this size on both nights may move as they like

MEMBERS = "lists.list_members"

# column of the query below, its line in docs/gates.md, what is wrong with those it is false for
TRUE_FOR_ALL = (
    ("is_known", "members are customers", "not in dim_customers"),
    ("is_permitted", "consent for every marketing member", "without consent"),
    ("is_addressable", "nobody who has died or asked to be erased",
     "dead, or to be erased"),
    ("is_suitable", "no staff, no minors", "staff or under age on a marketing list"),
    ("is_without_open_trouble", "no marketing while something is open",
     "with an open complaint, repair or warranty claim"),
    ("is_not_held", "nobody held is treated", "treated, but the household is held"),
    ("is_hold_allowed", "no hold-out on a service list", "held on a service list"),
    ("is_of_tonight", "lists are of this night", "of another night, or no longer valid"),
)  # fmt: skip


def suites(context: GateContext) -> list[Suite]:
    """Each member by itself; each list as a whole."""
    return [
        Suite(
            "list members",
            _members(context),
            _member_expectations(),
            may_be_empty=True,  # a night may have nobody to write to
        ),
        Suite("list sizes", *_sizes(context), is_small=True),
        Suite("words", *_words(context), is_small=True, may_be_empty=True),
    ]


def _members(context: GateContext) -> str:
    """One row a member, without saying who: what must be true of everybody on a list."""
    return f"""
        with members as (select * from {context.table("lists", "list_members")}),
        troubles as ({_open_troubles(context)}),
        held as ({_held_households(context)})
        select
            m.list_code,
            m.class,
            m.arm,
            m.reason_1,
            m.suggested_action,
            m.offer_ceiling,
            c.customer_id is not null as is_known,
            m.class in ('service', 'suppression') or {PERMITTED} as is_permitted,
            f.customer_id is null as is_addressable,
            m.class in ('service', 'suppression') or {SUITABLE} as is_suitable,
            m.class <> 'marketing' or t.customer_id is null as is_without_open_trouble,
            m.arm = 'hold' or m.class <> 'marketing' or h.household_id is null as is_not_held,
            m.arm = 'treat' or m.class = 'marketing' as is_hold_allowed,
            count(*) over (partition by m.list_code, m.customer_id) as times_on_list,
            case when m.class = 'marketing' then count(*) over (
                partition by m.household_id, m.class
            ) else 1 end as marketing_lists_of_household,
            m.offer_ceiling - {HIGHEST_OFFER} as offer_excess,
            m.valid_until >= m.as_of and m.as_of = {_tonight(context)} as is_of_tonight
        from members as m
        left join {context.table("lists", "list_definitions")} as d on m.list_code = d.list_code
        left join {context.table("marts", "dim_customers")} as c on m.customer_id = c.customer_id
        left join {context.table("marts", "customer_lifetime_values")} as v
            on m.customer_id = v.customer_id
        left join {context.table("lists", "customer_farewells")} as f
            on m.customer_id = f.customer_id
        left join troubles as t on m.customer_id = t.customer_id
        left join held as h on m.household_id = h.household_id and m.list_code = h.list_code
    """


PERMITTED = """coalesce(case d.purpose
                when 'advertising' then c.consent_ads
                else case d.channel
                    when 'email' then c.consent_email_marketing
                    when 'phone' then c.consent_phone_marketing
                    when 'post' then c.consent_post_marketing
                end
            end, false)"""
SUITABLE = "not (coalesce(c.is_staff, false) or coalesce(c.is_minor, d.age_rule = 'known', false))"
HIGHEST_OFFER = """greatest(
                d.offer_at_least,
                d.offer_share * greatest(v.value_if_kept_12m, v.value_if_active_12m, 0)
            )"""


def _tonight(context: GateContext) -> str:
    return f"date '{context.night.as_of}'"


def _open_troubles(context: GateContext) -> str:
    return f"""
            select distinct customer_id from {context.table("marts", "fct_service_cases")}
            where coalesce(is_unsolved, true) and kind in ('complaint', 'repair', 'warranty_claim')
    """


def _held_households(context: GateContext) -> str:
    """Held tonight, or by an earlier night in an episode that is still open: where it was drawn,
    and where whoever was on the list in it lives since."""
    return f"""
            select list_code, household_id from members where arm = 'hold'
            union
            select e.list_code, h.household_id
            from decisions.effective_episodes as e
            left join {context.table("marts", "merged_accounts")} as p
                on e.customer_id = p.account_id
            left join {context.table("marts", "dim_customers")} as c
                on c.customer_id = coalesce(p.customer_id, e.customer_id)
            cross join lateral (values (e.household_id), (c.household_id)) as h (household_id)
            where e.arm = 'hold'
                and e.as_of < {_tonight(context)} and e.closes_on > {_tonight(context)}
    """


def _member_expectations() -> list:
    return [
        *(
            truth(MEMBERS).one_of(column, [True], claim, what)
            for column, claim, what in TRUE_FOR_ALL
        ),
        truth(MEMBERS).one_of("arm", ["treat", "hold"], "nobody held is treated", "no known arm"),
        *(
            truth(MEMBERS).filled(column, "every member has a reason", "missing")
            for column in ("reason_1", "suggested_action")
        ),
        truth(MEMBERS).within(
            "times_on_list", "nobody twice on a list", "duplicates", high=1, about="customer_id"
        ),
        truth(MEMBERS).within(
            "marketing_lists_of_household",
            "one marketing list a household",
            "on more than one marketing list",
            high=1,
            about="household_id",
        ),
        truth(MEMBERS).within("offer_ceiling", "offers under their ceiling", "negative", low=0),
        truth(MEMBERS).within(
            "offer_excess",
            "offers under their ceiling",
            "above the list's share of a year's margin",
            high=0.01,
            about="offer_ceiling",
        ),
    ]


def _words(context: GateContext) -> tuple[str, list]:
    """Words of tonight that may forbid a contact, and cannot be used."""
    query = f"""
        select count(*) as unheeded, count(*) as rows_judged
        from {context.table("pii", "unattributed_noes")}
        where delivered_on = {_tonight(context)}
    """
    return query, [
        warning("pii.unattributed_noes").measure(
            "unheeded",
            "every word against a contact is heeded",
            "in quarantine, or under an id that nobody has",
            high=0,
            about="said",
        )
    ]


def _sizes(context: GateContext) -> tuple[str, list]:
    """Per list: its move against the last published night, and treated people over capacity."""
    codes = _list_codes(context)
    expectations = [_capacity_expectation(code) for code in codes]
    measured = {"over_capacity": _over_capacity(context)}
    if context.previous:
        expectations += [_move_expectation(code) for code in codes]
        measured["move"] = _moves(context, context.previous)
    steps = ", ".join(f"{name} as ({query})" for name, query in measured.items())
    columns = [
        f"(select {name} from {name} where list_code = '{code}') as \"{code}__{name}\""
        for name in measured
        for code in codes
    ]
    rows_judged = f"select count(*) from {context.table('lists', 'list_definitions')}"
    columns.append(f"({rows_judged}) as rows_judged")
    return f"with {steps} select {', '.join(columns)}", expectations


def _list_codes(context: GateContext) -> list[str]:
    query = f"select list_code from {context.table('lists', 'list_definitions')} order by 1"
    return [row[0] for row in context.connection.execute(query.encode())]


def _over_capacity(context: GateContext) -> str:
    return f"""
        select d.list_code, count(m.list_code) - coalesce(d.capacity, count(m.list_code))
            as over_capacity
        from {context.table("lists", "list_definitions")} as d
        left join {context.table("lists", "list_members")} as m
            on d.list_code = m.list_code and m.arm = 'treat'
        group by d.list_code, d.capacity
    """


def _moves(context: GateContext, previous: Publication) -> str:
    """Growth against the last published night, but for those who rest after a contact: on the
    night before, whoever is left alone tonight, or left the list after it wrote to them; tonight,
    whoever comes back to an open episode.
    A list that is withheld, or not made tonight, has not moved; one that is not made every night
    is compared with the night on which it was made before. A suppression may move as it likes: it
    follows what was sent.
    """
    return f"""
        with made_before as materialized ({_made_before(context, previous)}),
        before as materialized ({BEFORE}),
        written_to as ({_written_to(context)}),
        tonight as ({_comparable_tonight(context)}),
        comparable_before as ({_comparable_before(context)})
        select d.list_code, case
            when d.class = 'suppression' or n.list_code is not null then 0.0
            when coalesce(greatest(t.people, b.people), 0) < {MOVE_PEOPLE} then 0.0
            when coalesce(b.people, 0) = 0 then 1.0
            else round(1.0 * coalesce(t.people, 0) / b.people - 1, 4)
        end as move
        from {context.table("lists", "list_definitions")} as d
        left join tonight as t on d.list_code = t.list_code
        left join comparable_before as b on d.list_code = b.list_code
        left join ({_not_made(context)}) as n on d.list_code = n.list_code
    """


def _not_made(context: GateContext) -> str:
    """Lists that are not made tonight, for want of a feed or by their schedule."""
    return f"""
            select list_code from {context.table("lists", "withheld_lists")}
            union
            select list_code from {context.table("lists", "list_schedules")}
            where not is_made_tonight
    """


def _made_before(context: GateContext, previous: Publication) -> str:
    """For each list the last publication up to the previous one that did not withhold it."""
    return f"""
        select d.list_code, p.generation, p.as_of
        from {context.table("lists", "list_definitions")} as d
        left join {context.table("lists", "list_schedules")} as s on d.list_code = s.list_code
        left join lateral (
            select p.generation, p.as_of from decisions.effective_publications as p
            where p.as_of <= coalesce(s.previously_made_on, date '{previous.as_of}')
                and not exists (
                    select from decisions.withheld_lists as w
                    where w.generation = p.generation and w.list_code = d.list_code
                )
            order by p.as_of desc limit 1
        ) as p on true
    """


# who was on each list then
BEFORE = """
            select m.list_code, m.customer_id
            from made_before as p
            inner join decisions.list_members as m
                on p.generation = m.generation and p.list_code = m.list_code
"""


def _written_to(context: GateContext) -> str:
    """To whom each list wrote since: contacts of years are read once, not once a person."""
    return f"""
            select distinct c.list_code, c.customer_id
            from {context.table("marts", "fct_campaign_contacts")} as c
            inner join made_before as p on c.list_code = p.list_code and c.sent_on >= p.as_of
    """


def _comparable_tonight(context: GateContext) -> str:
    """How many are on tonight's list, without those who come back to an open episode."""
    return f"""
            select m.list_code, count(*) as people
            from {context.table("lists", "list_members")} as m
            left join before as b on m.list_code = b.list_code and m.customer_id = b.customer_id
            left join made_before as p on m.list_code = p.list_code
            where b.customer_id is not null or coalesce(m.entered_on > p.as_of, true)
            group by m.list_code
    """


def _comparable_before(context: GateContext) -> str:
    """How many were on the list before, without those who rest after a contact."""
    return f"""
            select b.list_code, count(*) as people
            from before as b
            left join written_to as w
                on b.list_code = w.list_code and b.customer_id = w.customer_id
            where not exists (
                select 1 from {context.table("lists", "list_exclusions")} as e
                inner join {context.table("lists", "exclusion_reasons")} as r using (reason_code)
                where e.list_code = b.list_code and e.customer_id = b.customer_id and r.is_rest
            ) and (w.customer_id is null or (b.list_code, b.customer_id) in (
                select list_code, customer_id from {context.table("lists", "list_members")}
            ))
            group by b.list_code
    """


def _capacity_expectation(code: str) -> object:
    return truth(MEMBERS).measure(
        f"{code}__over_capacity",
        "no list above its capacity",
        "people above the list's capacity",
        high=0,
        about=code,
    )


def _move_expectation(code: str) -> object:
    return judgement(MEMBERS).measure(
        f"{code}__move",
        "sizes against the last published night",
        f"people, moved by more than {MOVE_SHARE:.0%}",
        low=-MOVE_SHARE,
        high=MOVE_SHARE,
        about=code,
    )
