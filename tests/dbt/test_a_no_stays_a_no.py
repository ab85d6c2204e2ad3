"""Whatever was once said against a contact holds, in whatever shape it came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import pytest

from regulars.erasure.retention import sweep
from regulars.lists.contacts import normalise_contacts
from regulars.settings import Settings
from tests.dbt.delivered_world import (
    Row,
    World,
    consent,
    contact,
    customer,
    death,
    erasure,
    open_world,
)

NIGHT = "2026-03-10"
STOPS = "select distinct customer_id, stop_code from intermediate.int_contact_stops order by 1, 2"
CYRILLIC_A, GREEK_A = "\u0430", "\u03b1"
RAISED = str.maketrans("0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
ARABIC = str.maketrans({str(digit): chr(0x660 + digit) for digit in range(10)})
Said = Callable[[World, str], object]
AT = "2026-03-01T10:00:00Z"
IN_DOUBT_OF_DEATH = "farewell_in_doubt"


@dataclass(frozen=True)
class Case:
    """One person of the world: what was said of them, and what must come of it.

    stops  (channel, purpose, code) that must be among the stops; empty: nothing may stop them
    """

    said: Said
    stops: set[tuple[str | None, str | None, str]]
    facts: dict[str, str] | None = None


def deliver(feed: str, *rows: Callable[[str], Row], on: str = "2026-03-02") -> Said:
    return lambda world, who: world.deliver(on, feed, [row(who) for row in rows])


def both(*said: Said) -> Said:
    return lambda world, who: [each(world, who) for each in said]


def quarantined(feed: str, text: str, on: str = "2026-03-02") -> Said:
    return lambda world, who: world.quarantine(on, feed, text.format(who=who, WHO=who.upper()))


def replay(world: World, refused: int, who: str) -> None:
    """What the refused line of that delivery said, read at last: a yes."""
    replayed = world.deliver("2026-03-04", "consents", [yes(who)], revision=7)
    world.connection.execute(
        "update raw.deliveries set replay_of = %s, revision = 0 where delivery_id = %s",
        [refused, replayed],
    )


def spelled(who: str) -> list[str]:
    """The same id in other hands."""
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in who)
    bare = who.replace("-", "")
    look_alike, zeros = who.replace("a", CYRILLIC_A), " - 00".join(who.rsplit("-", 1))
    letters = zeros.replace("0", "O").replace("1", "l")
    email = f"{bare}@example.org"
    odd = [f"Ann <mailto:{email.upper()}>", email.replace("@", "\uff20") + "."]
    odd += [
        email.replace("@", "\ufe6b"),
        f"'{email}'",
        f"{email[:2]}\u200b{email[2:]}",
        email.replace("@", "%40"),
    ]
    others = [who.translate(RAISED), who.translate(ARABIC), who.replace("a", GREEK_A)]
    others += [f"{who[0]}\u200b{who[1:]}", f"\u00a0{who}\u00a0", f"'{who}", f'="{who}"']
    return [who.upper(), f" {who} ", bare, zeros, letters, look_alike, wide, email, *odd, *others]


def unsubscribed(who: str) -> Row:
    return contact(f"k{who}", who, "2026-03-01", "unsubscribed")


def complained(who: str) -> Row:
    return contact(f"k{who}", who, "2026-02-01", "complained")


def yes(who: str, at: str = "2026-01-05", **facts: object) -> Row:
    return consent(who, at, **facts)


def no(who: str, at: str = "2026-03-01", **facts: object) -> Row:
    return consent(who, at, granted=False, **facts)


CLOSED = ("email", "marketing", "no_consent")
OPTED_OUT = ("email", "marketing", "opted_out")
DOUBT = {("email", None, "consent_in_doubt")}
ANY_DOUBT = {(None, None, "consent_in_doubt")}
FAREWELL = {(None, None, IN_DOUBT_OF_DEATH)}
PLAIN: dict[str, Case] = {
    "silent-1": Case(deliver("consents", yes), set()),
    "withdrew-1": Case(deliver("consents", yes, no), {CLOSED}),
    "withdrew-then-agreed-1": Case(
        deliver("consents", no, lambda who: yes(who, "2026-03-05")), set()
    ),
    "at-one-instant-1": Case(
        both(
            deliver("consents", lambda who: no(who, "2026-03-05"), on="2026-03-05"),
            deliver("consents", lambda who: yes(who, "2026-03-05"), on="2026-03-06"),
        ),
        {CLOSED},
    ),
    "agreed-for-another-channel-1": Case(
        deliver("consents", no, lambda who: yes(who, "2026-03-05", channel="phone")), {CLOSED}
    ),
    "agrees-tomorrow-1": Case(
        deliver("consents", no, lambda who: yes(who, "2026-03-11")), {CLOSED}
    ),
    "unsubscribed-then-opened-1": Case(
        both(
            deliver("campaign_contacts", unsubscribed),
            deliver(
                "campaign_contacts",
                lambda w: contact(f"k{w}", w, "2026-03-02", "opened"),
                on="2026-03-03",
            ),
            deliver("consents", lambda who: yes(who, "2026-03-05")),
        ),
        {OPTED_OUT},
    ),
    "complained-then-agreed-1": Case(
        both(
            deliver("campaign_contacts", complained),
            deliver("consents", lambda who: yes(who, "2026-03-05")),
        ),
        {OPTED_OUT},
    ),
    "died-1": Case(deliver("deaths", lambda w: death(w, "2026-02-01")), {(None, None, "deceased")}),
    "died-but-did-not-1": Case(
        both(
            deliver("deaths", lambda w: death(w, "2026-02-01")),
            deliver("deaths", lambda w: death(w, "2026-02-03", True), on="2026-03-03"),
        ),
        set(),
    ),
    "died-and-not-at-one-instant-1": Case(
        both(
            deliver("deaths", lambda w: death(w, "2026-02-01", True), on="2026-03-03"),
            deliver("deaths", lambda w: death(w, "2026-02-01"), on="2026-03-02"),
        ),
        {(None, None, "deceased")},
    ),
    "erased-1": Case(
        deliver("erasure_requests", lambda w: erasure(f"r{w}", w, "2026-02-01")),
        {(None, None, "erased")},
    ),
    "rebooked-erasure-1": Case(
        both(
            deliver("erasure_requests", lambda w: erasure(f"r{w}", w, "2026-02-01")),
            deliver(
                "erasure_requests",
                lambda w: erasure(f"r{w}", "silent-1x", "2026-02-03"),
                on="2026-03-03",
            ),
        ),
        {(None, None, "erased")},
    ),
}
IN_QUARANTINE: dict[str, Case] = {
    "unreadable-no-1": Case(
        both(
            quarantined("consents", "{WHO},email,marketing,2026-02-31,no"),
            deliver("consents", lambda who: yes(who, "2026-03-05", channel="phone")),
        ),
        ANY_DOUBT,
    ),
    "unreadable-but-agreed-later-1": Case(
        both(
            quarantined("consents", "{who};email;marketing;2026-02-31;no"),
            deliver("consents", lambda who: yes(who, "2026-03-05"), on="2026-03-05"),
        ),
        ANY_DOUBT,
    ),
    "unreadable-and-corrected-1": Case(
        both(
            quarantined("consents", "{who},email,marketing,2026-02-31,yes", on="2026-03-04"),
            lambda world, who: world.deliver("2026-03-04", "consents", [yes(who)], revision=1),
        ),
        set(),
    ),
    "unreadable-and-a-yes-to-another-purpose-1": Case(
        both(
            quarantined("consents", "{who},email,marketing,2026-02-31,no", on="2026-03-04"),
            lambda world, who: world.deliver(
                "2026-03-04", "consents", [yes(who, purpose="service")], revision=1
            ),
        ),
        ANY_DOUBT,
    ),
    "unreadable-and-the-yes-beside-it-again-1": Case(
        lambda world, who: [
            world.quarantine(
                "2026-03-04", "consents", f"{who},email,marketing,?,no", beside=[yes(who)]
            ),
            world.deliver("2026-03-04", "consents", [yes(who)], revision=1),
        ],
        ANY_DOUBT,
    ),
    "unreadable-and-corrected-beside-a-yes-1": Case(
        lambda world, who: [
            world.quarantine(
                "2026-03-04", "consents", f"{who},email,marketing,?,no", beside=[yes(who)]
            ),
            world.deliver("2026-03-04", "consents", [yes(who), no(who)], revision=1),
        ],
        {CLOSED},
    ),
    "refused-for-its-purpose-and-corrected-1": Case(
        lambda world, who: [
            world.quarantine("2026-03-04", "consents", f"{who},email,marketin,{AT},false"),
            world.deliver("2026-03-04", "consents", [no(who)], revision=1),
        ],
        {CLOSED},
    ),
    "refused-for-its-channel-and-corrected-1": Case(
        lambda world, who: [
            world.quarantine("2026-03-04", "consents", f"{who},e-mial,service,{AT},false"),
            world.deliver("2026-03-04", "consents", [no(who, purpose="service")], revision=1),
        ],
        {("email", "service", "no_consent")},
    ),
    "refused-yes-for-its-purpose-and-corrected-1": Case(
        lambda world, who: [
            world.quarantine("2026-03-04", "consents", f"{who},email,marketin,{AT},true"),
            world.deliver("2026-03-04", "consents", [yes(who)], revision=1),
        ],
        set(),
    ),
    "refused-for-its-purpose-and-agreed-to-another-1": Case(
        lambda world, who: [
            world.quarantine("2026-03-04", "consents", f"{who},email,marketin,{AT},false"),
            world.deliver("2026-03-04", "consents", [yes(who, purpose="service")], revision=1),
        ],
        ANY_DOUBT,
    ),
    "refused-for-its-purpose-and-a-no-to-another-channel-1": Case(
        lambda world, who: [
            world.quarantine("2026-03-04", "consents", f"{who},email,marketin,{AT},false"),
            world.deliver("2026-03-04", "consents", [no(who, channel="phone")], revision=1),
        ],
        ANY_DOUBT,
    ),
    "unreadable-and-replayed-1": Case(
        lambda world, who: replay(
            world, world.quarantine("2026-03-04", "consents", f"{who},email,marketing,?,yes"), who
        ),
        set(),
    ),
    "unreadable-and-another-file-replayed-1": Case(
        lambda world, who: [
            world.quarantine("2026-03-04", "consents", f"{who},email,marketing,?,no"),
            replay(world, world.quarantine("2026-03-05", "consents", f"{who},email,?,x,y"), who),
        ],
        ANY_DOUBT,
    ),
    "unreadable-contact-1": Case(
        quarantined("campaign_contacts", "k77,list,{WHO},email,never,unsubscribed"), ANY_DOUBT
    ),
    **{
        f"unreadable-and-a-number-without-its-country-{number}": Case(
            quarantined(feed, line), stops, {"phone": phone, "country": country}
        )
        for number, (feed, line, phone, country, stops) in enumerate(
            [
                ("consents", ",email,marketing,?,no,06-87654301", "06 8765 4301", "NL", ANY_DOUBT),
                ("consents", "020 7946 0019,phone,?", "+44 20 7946 0019", "GB", ANY_DOUBT),
                ("consents", "06 69 87 65 43,phone,?", "+39 06 6987 6543", "IT", ANY_DOUBT),
                ("consents", "(415) 555-0132,phone,?", "415-555-0132", "US", ANY_DOUBT),
                ("consents", "8 (912) 345-67-89,?", "+7 912 345 67 89", "RU", ANY_DOUBT),
                ("deaths", "06-87654306,nov 31", "06 8765 4306", "NL", FAREWELL),
                ("consents", "87654307,phone,?", "06 8765 4307", "NL", set()),  # its end alone
            ],
            start=1,
        )
    },
    "unreadable-death-1": Case(quarantined("deaths", '"{who}","nov 31"'), FAREWELL),
    "unreadable-erasure-1": Case(quarantined("erasure_requests", "r1,{WHO},maybe,?"), FAREWELL),
}


def spellings() -> Iterator[tuple[str, Case]]:
    kinds: dict[str, tuple[Callable[[str], Said], set]] = {
        "withdrawal": (lambda s: deliver("consents", lambda _: no(s)), DOUBT),
        "unsubscribe": (
            lambda s: deliver(
                "campaign_contacts", lambda _: contact(f"u{s}", s, "2026-03-01", "unsubscribed")
            ),
            DOUBT,
        ),
        "complaint": (
            lambda s: deliver(
                "campaign_contacts", lambda _: contact(f"c{s}", s, "2026-03-01", "complained")
            ),
            DOUBT,
        ),
        "death": (lambda s: deliver("deaths", lambda _: death(s, "2026-03-01")), FAREWELL),
        "erasure": (
            lambda s: deliver("erasure_requests", lambda _: erasure(f"e{s}", s, "2026-03-01")),
            FAREWELL,
        ),
    }
    for kind, (said, stops) in kinds.items():
        for number in range(len(spelled("a-1"))):
            who = f"a-{kind}-{number + 1}"
            facts = {"email": f"{who.replace('-', '')}@example.org"}
            yield who, Case(said(spelled(who)[number]), stops, facts)


def at_home() -> Iterator[tuple[str, Case]]:
    """A number without its country in the place of an id."""
    for number, (said, phone, country) in enumerate(
        [
            ("06-87654311", "06 8765 4311", "NL"),
            (" (0)6 8765 4312", "06 8765 4312", "NL"),
            (
                "\uff10\uff16\uff0d\uff18\uff17\uff16\uff15\uff14\uff13\uff11\uff13",
                "06 8765 4313",
                "NL",
            ),
            ("415-555-0134", "(415) 555-0134", "US"),
        ],
        start=1,
    ):
        say = deliver("consents", lambda _, said=said: no(said))
        yield f"a-number-at-home-{number}", Case(say, DOUBT, {"phone": phone, "country": country})


CASES = {**PLAIN, **IN_QUARANTINE, **dict(spellings()), **dict(at_home())}


@pytest.fixture(scope="module")
def stops(make_world: Callable[..., Settings]) -> dict[str, set]:
    """Customer -> their stops, of one night in which all of it was said."""
    settings = make_world("a_no_stays_a_no")
    with open_world(settings) as connection:
        world = World(settings, connection, "int_contact_stops", "customer_reach")
        people = [customer(who, **(case.facts or {})) for who, case in CASES.items()]
        world.deliver("2026-03-01", "customers", [*people, *SHARING])
        for who, case in CASES.items():
            case.said(world, who)
        say_it_of_those_who_share(world)
        normalise_contacts(settings)
        world.build(NIGHT)
        rows = connection.execute(
            "select customer_id, channel, purpose, stop_code from intermediate.int_contact_stops"
        ).fetchall()
        reach = connection.execute("select customer_id, email from pii.customer_reach").fetchall()
    found: dict[str, set] = {}
    for who, *stop in rows:
        found.setdefault(who, set()).add(tuple(stop))
    for who, email in reach:
        found.setdefault(f"{who} has", set()).add(email)
    return found


@pytest.mark.slow  # two builds more: 15 s
def test_it_holds_when_the_retention_has_taken_the_text_and_left_no_word_of_it(
    make_world: Callable[..., Settings],
) -> None:
    settings = make_world("a_no_without_its_text")
    days = {**settings.retention_days, "quarantine": 0, "generations": None, "list_files": None}
    with open_world(settings) as connection:
        world = World(settings, connection, "int_contact_stops")
        cases = CASES | {"c-77": Case(quarantined("consents", "{WHO}@EXAMPLE.org,email,?"), set())}
        people = [
            customer(who, **{"email": f"{who}@example.org", **(case.facts or {})})
            for who, case in cases.items()
        ]
        world.deliver("2026-03-01", "customers", people)
        for who, case in cases.items():
            case.said(world, who)
        normalise_contacts(settings)
        world.build(NIGHT)
        before = connection.execute(STOPS).fetchall()
        swept = sweep(replace(settings, retention_days=days), date.fromisoformat(NIGHT))
        words = connection.execute("select term from pii.quarantined_terms").fetchall()
        world.build(NIGHT)
        after = connection.execute(STOPS).fetchall()
    assert swept["raw_texts_swept"] >= len(IN_QUARANTINE)
    assert ("c-77", "consent_in_doubt") in before
    assert after == before
    readable = [word for (word,) in words if "1" in word and len(word) != 64]
    assert readable == []


SHARING = [
    customer("said-no", email="both@example.org", phone="+31612345678"),
    customer("shares-mail", email="Both@Example.org"),
    customer("died", email="late@example.org", phone="+31612345679"),
    customer("widowed", email="late@example.org", phone="+31612345670"),
    customer("bounced", email="old@example.org"),
    customer("bounced-too", email="OLD@example.org"),
    customer("moved", email="gone@example.org"),
    customer("rings-no-more", email="r1@example.org", phone="+31612345671"),
    customer("shares-phone", email="r2@example.org", phone="0031612345671"),
    customer("erased-too", email="e1@example.org", phone="+31612345672"),
    customer("lives-with-erased", email="E1@example.org", phone="+31612345673"),
    customer("has-erased-ones-phone", email="e3@example.org", phone="+31 6 12345672"),
    customer("opted-out-and-moved", email="o1@example.org"),
    customer("merged-into", email="m1@example.org"),
    customer("merged-away", email="m2@example.org"),
    customer("merged-again", email="m3@example.org"),
    customer("card-holder", email="c1@example.org"),
    customer("card-holder-too", email="c2@example.org"),
    customer("agrees-by-card", email="c3@example.org"),
    customer("card-of-two-strangers", email="c4@example.org"),
    customer("first-of-many", email="f1@example.org"),
    customer("last-of-many", email="f2@example.org"),
    customer("where-two-chains-meet", email="f3@example.org", phone="+31612345674"),
]
# Sixteen merges in a row, as far as chains are followed.
MANY = ["first-of-many", *(f"one-of-many-{n}" for n in range(15)), "last-of-many"]
# Accounts of the two lie further apart than that; each is near enough to where both end.
TWO_CHAINS = [
    [*(f"{one}-{n}" for n in range(9)), "where-two-chains-meet"] for one in ("one", "other")
]


def say_it_of_those_who_share(world: World) -> None:
    world.deliver(
        "2026-03-03",
        "consents",
        [
            no("said-no"),
            no("rings-no-more", channel="phone"),
            yes("shares-phone", "2026-03-05", channel="phone"),
            yes("shares-mail", "2026-03-05"),
            yes("widowed"),
            yes("merged-away"),
            no("merged-into"),
            yes("merged-again"),
            no("first-of-many"),
            yes("last-of-many"),
            no("one-0"),
            no("other-0", channel="phone"),
            yes("where-two-chains-meet"),
            yes("where-two-chains-meet", channel="phone"),
            no("CARD-2"),
            no("CARD-OF-TWO-STRANGERS"),
            no("card-3"),
            yes("card-3", "2026-03-05"),
        ],
    )
    world.quarantine("2026-03-04", "consents", "CARD-1,email,marketing,2026-02-31,no")
    world.deliver("2026-03-03", "deaths", [death("died", "2026-03-01")])
    world.deliver("2026-03-03", "erasure_requests", [erasure("e-too", "erased-too", "2026-03-01")])
    world.deliver(
        "2026-03-03",
        "campaign_contacts",
        [
            contact("b1", "bounced", "2026-02-01", "bounced"),
            contact("b2", "moved", "2026-02-01", "bounced"),
            unsubscribed("opted-out-and-moved"),
        ],
    )
    world.deliver(
        "2026-03-04",
        "customers",
        [
            customer("moved", at="2026-03-04", email="new@example.org"),
            customer("opted-out-and-moved", at="2026-03-04", email="o2@example.org"),
        ],
    )
    world.deliver(
        "2026-03-03",
        "identities",
        [
            {"old_customer_id": old, "customer_id": new, "is_merged": merged, "changed_at": at}
            for old, new, merged, at in (
                ("merged-away", "merged-into", True, "2026-02-01"),
                ("merged-away", "merged-into", False, "2026-03-02"),
                ("merged-again", "merged-away", True, "2026-02-01"),
                ("merged-again", "merged-away", False, "2026-03-03"),
                ("card-1", "card-holder", True, "2026-02-01"),
                ("card-2", "card-holder-too", True, "2026-02-01"),
                ("card-3", "agrees-by-card", True, "2026-02-01"),
                ("CARD-OF-TWO-STRANGERS", "CARD-OF-NOBODY", True, "2026-02-01"),
                *(
                    (old, new, True, "2026-02-01")
                    for chain in (MANY, *TWO_CHAINS)
                    for old, new in pairwise(chain)
                ),
            )
        ],
    )


@pytest.mark.parametrize("who", CASES)
def test_what_was_said_stops_what_it_must_and_nothing_else(who: str, stops: dict[str, set]) -> None:
    expected = CASES[who].stops
    if expected:
        assert expected <= stops.get(who, set())
    else:
        assert stops.get(who, set()) == set()


@pytest.mark.parametrize("who", [who for who in CASES if who.startswith(("a-death", "a-erasure"))])
def test_nobody_is_dead_or_erased_by_an_id_that_is_only_like_theirs(
    who: str, stops: dict[str, set]
) -> None:
    assert {code for _, _, code in stops[who]} & {"deceased", "erased"} == set()


@pytest.mark.parametrize("who", [who for who in IN_QUARANTINE if who.endswith("corrected-1")])
def test_a_no_that_was_corrected_leaves_no_doubt(who: str, stops: dict[str, set]) -> None:
    assert "consent_in_doubt" not in {code for _, _, code in stops.get(who, set())}


def test_a_no_holds_for_every_account_with_that_address(stops: dict[str, set]) -> None:
    assert ("email", "marketing", "shared_address") in stops["shares-mail"]
    assert ("phone", "marketing", "shared_address") not in stops["shares-mail"]


def test_a_no_holds_for_every_account_with_that_number_however_it_is_written(
    stops: dict[str, set],
) -> None:
    assert ("phone", "marketing", "shared_address") in stops["shares-phone"]
    assert {channel for channel, _, _ in stops["shares-phone"]} == {"phone"}


@pytest.mark.parametrize(
    ("who", "channel"), [("lives-with-erased", "email"), ("has-erased-ones-phone", "phone")]
)
def test_of_other_accounts_an_erasure_closes_the_shared_address_alone(
    who: str, channel: str, stops: dict[str, set]
) -> None:
    assert {code for _, _, code in stops[who]} == {"shared_address"}
    assert {of for of, _, _ in stops[who]} == {channel}


def test_an_opt_out_is_not_undone_by_a_new_address(stops: dict[str, set]) -> None:
    assert OPTED_OUT in stops["opted-out-and-moved"]


def test_an_address_of_the_dead_is_used_for_nothing_and_the_rest_of_the_widow_stays_open(
    stops: dict[str, set],
) -> None:
    assert stops["widowed has"] == {None}
    assert {code for _, _, code in stops["widowed"]} == {"shared_address"}
    assert {channel for channel, _, _ in stops["widowed"]} == {"email"}


def test_a_bounce_belongs_to_the_address_and_a_new_one_opens_the_channel(
    stops: dict[str, set],
) -> None:
    assert ("email", "marketing", "bounced") in stops["bounced"] & stops["bounced-too"]
    assert stops["bounced-too has"] == {None}
    assert stops["moved has"] == {"new@example.org"}
    assert "moved" not in stops


def test_a_no_said_while_merged_stays_with_every_account_of_the_person(
    stops: dict[str, set],
) -> None:
    other = ("email", "marketing", "other_account")
    assert other in stops["merged-away"]
    assert other in stops["merged-again"]


def test_a_no_holds_for_the_person_at_the_end_of_a_long_chain(stops: dict[str, set]) -> None:
    assert ("email", "marketing", "other_account") in stops["last-of-many"]


def test_a_no_at_either_end_of_two_long_chains_holds_for_the_person_at_whom_they_meet(
    stops: dict[str, set],
) -> None:
    told = {(channel, code) for channel, _, code in stops["where-two-chains-meet"]}
    assert {("email", "other_account"), ("phone", "other_account")} <= told


def test_a_no_in_doubt_of_an_account_that_only_its_merge_names_is_that_of_the_person(
    stops: dict[str, set],
) -> None:
    assert stops["card-holder"] == ANY_DOUBT
    assert stops["card-holder-too"] == DOUBT
    assert "agrees-by-card" not in stops


def test_an_id_that_a_merge_leads_to_nobody_is_still_like_somebodys(stops: dict[str, set]) -> None:
    assert stops["card-of-two-strangers"] == DOUBT
