"""Who the customers are: names that fit their country, contact data, dates, languages.

Names come from Faker's lists. E-mail addresses lie under domains reserved for examples;
telephone numbers in ranges the regulators of DE, GB and FR keep for fiction, and for NL, which
keeps none, in a block not handed out.
"""

from __future__ import annotations

import importlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import regulars.sample_company.localtime as localtime
import regulars.sample_company.rhythm as rhythm
from regulars.sample_company.columns import Ids, Joined, Labels
from regulars.sample_company.localtime import MISSING
from regulars.sample_company.parts import SignUp
from regulars.sample_company.seeds import pick, stream
from regulars.sample_company.worlds import World

COUNTRIES = ("NL", "DE", "GB", "FR")
LANGUAGES = ("nl", "de", "en", "fr")
ENGLISH = LANGUAGES.index("en")
CHANNELS = ("email", "phone", "post")
TIMEZONES = (
    "Europe/Amsterdam",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Paris",
    "Atlantic/Canary",
)
CANARY = TIMEZONES.index("Atlantic/Canary")
_LOCALES = ("nl_NL", "de_DE", "en_GB", "fr_FR")
_DOMAINS = (
    "example.com",
    "example.net",
    "example.org",
    "mail.example.com",
    "post.example.net",
    "home.example.org",
)
# (written prefix, digits that follow) per country, each block good for 10 ** digits numbers.
_PHONES: tuple[tuple[tuple[str, int], ...], ...] = (
    (("+31 85 000 ", 4), ("085-001", 4)),
    (("030 23125", 3), ("+49 69 90009", 3), ("0221 4710", 3), ("089 99998", 3)),
    (("020 7946 0", 3), ("+44 113 496 0", 3), ("0121 496 0", 3), ("0191 498 0", 3)),
    (("01 99 00 ", 4), ("+33 2 61 91 ", 4), ("04 65 71 ", 4), ("+33 5 36 49 ", 4)),
)


@dataclass(frozen=True)
class People:
    """One entry per customer, in order of signing up.

    night (0-based) and created_at (instant) of signing up; first_purchase (day fraction from
    the first night; infinite for prospects); codes of country, language, zone and preferred
    channel; is_staff; birth and anniversary (days since 1970, MISSING when not given); names
    (codes into first_names and last_names); has_phone, has_email; update_at and what changes
    then (0 nothing, 1 phone, 2 e-mail, 3 preferred channel).
    """

    night: np.ndarray
    created_at: np.ndarray
    first_purchase: np.ndarray
    country: np.ndarray
    language: np.ndarray
    zone: np.ndarray
    channel: np.ndarray
    is_staff: np.ndarray
    birth: np.ndarray
    anniversary: np.ndarray
    first_name: np.ndarray
    last_name: np.ndarray
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    has_phone: np.ndarray
    has_email: np.ndarray
    update_at: np.ndarray
    update_kind: np.ndarray

    def __len__(self) -> int:
        return len(self.night)


def people(seed: int, customers: int, first_day: int, nights: int, world: World) -> People:
    """Everybody who signs up within the nights."""
    rng, says = stream(seed, "people"), world.sign_up
    night = rhythm.arrivals(stream(seed, "arrivals"), customers, first_day, nights, world)
    wall = (first_day + night) * localtime.DAY + rhythm.times_of_day(
        rng, customers, world.rhythm.hours
    )
    wall.sort()
    first_purchase = _first_purchases(rng, wall, first_day, world)
    country = pick(rng, customers, says.country_shares)
    first_name, last_name, first_names, last_names = _names(rng, country)
    updates = rng.random(customers) < says.update_share
    update_kind = np.where(updates, pick(rng, customers, says.update_kind_shares) + 1, 0)
    created_at = localtime.to_instant(wall)
    return People(
        night=night,
        created_at=created_at,
        first_purchase=first_purchase,
        country=country,
        language=np.where(rng.random(customers) < says.foreign_language_share, ENGLISH, country),
        zone=np.where(rng.random(customers) < says.foreign_zone_share, CANARY, country),
        channel=pick(rng, customers, says.channel_shares),
        is_staff=rng.random(customers) < world.care.staff_share,
        birth=_births(rng, first_day + night, says),
        anniversary=_anniversaries(rng, first_day + night, says),
        first_name=first_name,
        last_name=last_name,
        first_names=first_names,
        last_names=last_names,
        has_phone=rng.random(customers) < says.phone_share,
        has_email=rng.random(customers) < says.email_share,
        update_at=created_at + rng.integers(20, 500, customers) * localtime.DAY,
        update_kind=update_kind,
    )


def _first_purchases(
    rng: np.random.Generator, wall: np.ndarray, first_day: int, world: World
) -> np.ndarray:
    """Day fraction of the first order: mostly at sign-up, sometimes weeks on, or never."""
    customers = len(wall)
    minutes = rng.integers(4, 45, customers) * 60
    later = np.rint(rng.gamma(1.2, 12.0, customers) * localtime.DAY)
    delay = np.where(rng.random(customers) < world.rhythm.at_sign_up_share, minutes, later)
    day = (wall + delay) / localtime.DAY - first_day
    return np.where(rng.random(customers) < world.rhythm.prospect_share, np.inf, day)


def _names(
    rng: np.random.Generator, country: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], tuple[str, ...]]:
    """Codes of first and last names and the lists they point into."""
    firsts: list[str] = []
    lasts: list[str] = []
    first, last = np.zeros(len(country), np.int64), np.zeros(len(country), np.int64)
    draws = rng.random((2, len(country)))
    for code, locale in enumerate(_LOCALES):
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        here = country == code
        given = sorted({*provider.first_names_female, *provider.first_names_male})
        family = sorted({str(name) for name in provider.last_names})
        # Squared draws: a few names are common, many are rare, as in life.
        first[here] = len(firsts) + (draws[0, here] ** 1.5 * len(given)).astype(np.int64)
        last[here] = len(lasts) + (draws[1, here] ** 1.5 * len(family)).astype(np.int64)
        shuffle = rng.permutation(len(given)), rng.permutation(len(family))
        firsts += [given[i] for i in shuffle[0].tolist()]
        lasts += [family[i] for i in shuffle[1].tolist()]
    return first, last, tuple(firsts), tuple(lasts)


def _births(rng: np.random.Generator, signed_up: np.ndarray, says: SignUp) -> np.ndarray:
    """Birth days: middle-aged, a few minors, one in seven not given."""
    age = np.clip(rng.normal(44.0, 13.5, len(signed_up)), 18.2, 91.0)
    is_minor = rng.random(len(signed_up)) < says.minor_share
    age = np.where(is_minor, rng.uniform(14.0, 17.5, len(age)), age)
    birth = signed_up - np.rint(age * 365.25).astype(np.int64)
    # One in 1500 is born on a 29 February; more are here, so that small companies have one.
    leap = 1960 + 4 * rng.integers(0, 11, len(age))
    leap_days = np.array([localtime.day_number(date(year, 2, 29)) for year in range(1960, 2004, 4)])
    birth = np.where(
        rng.random(len(age)) < says.leap_day_share, leap_days[(leap - 1960) // 4], birth
    )
    return np.where(rng.random(len(age)) < says.birth_unknown_share, MISSING, birth)


def _anniversaries(rng: np.random.Generator, signed_up: np.ndarray, says: SignUp) -> np.ndarray:
    days = signed_up - rng.integers(200, 14_000, len(signed_up))
    return np.where(rng.random(len(days)) < says.anniversary_unknown_share, MISSING, days)


def emails(who: People) -> tuple[Joined, Joined]:
    """Addresses before and after a change: name, a number of the customer's own, a domain."""
    index = np.arange(len(who))
    firsts, lasts = _plain(who.first_names), _plain(who.last_names)
    capitals = index % 37 == 5  # some people type capitals
    first = np.where(capitals, who.first_name + len(firsts), who.first_name)
    shown = np.where(who.has_email, first, -1)
    given = Labels(shown, (*firsts, *(name.capitalize() for name in firsts)))
    number = Ids("", index + 11, 1)
    domain = (index * 31 + who.first_name) % len(_DOMAINS)
    before = Joined(
        (given, ".", Labels(who.last_name, lasts), number, "@", Labels(domain, _DOMAINS))
    )
    moved = (domain + 1) % len(_DOMAINS)
    after = Joined((given, number, "@", Labels(moved, _DOMAINS)))
    return before, after


def _plain(names: Sequence[str]) -> tuple[str, ...]:
    """Lower-case ASCII letters of each name, for an address."""
    spelled = {"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "ø": "o", "æ": "ae", "œ": "oe"}
    plain = []
    for name in names:
        text = "".join(spelled.get(c, c) for c in name.lower())
        text = unicodedata.normalize("NFKD", text)
        plain.append("".join(c for c in text if c.isascii() and c.isalpha()) or "x")
    return tuple(plain)


def phones(who: People) -> tuple[pa.Array, pa.Array]:
    """Numbers before and after a change; null when none was given."""
    index = np.arange(len(who))
    return _phones(who.country, index, who.has_phone), _phones(
        who.country, index + 5_003, who.has_phone
    )


def _phones(country: np.ndarray, index: np.ndarray, has_phone: np.ndarray) -> pa.Array:
    cells = pa.nulls(len(country), pa.string())
    for code, blocks in enumerate(_PHONES):
        for place, (prefix, digits) in enumerate(blocks):
            here = has_phone & (country == code) & (index % len(blocks) == place)
            number = (index // len(blocks)) * 7 % 10**digits
            written = Joined((Ids(prefix, number, digits),)).text(np.arange(len(country)))
            cells = pc.if_else(pa.array(here), written, cells)
    return cells
