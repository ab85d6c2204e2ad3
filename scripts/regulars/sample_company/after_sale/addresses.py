"""Where customers live, as the shop was told: one address a household, until somebody moves.

Streets are made up from words that any town has; the postcodes have the right form and, but for
the first digits of the town, no meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import regulars.sample_company.keyed as keyed
from regulars.sample_company.after_sale.households import Kinship
from regulars.sample_company.columns import Column, Either, Ids, Joined, Labels
from regulars.sample_company.localtime import DAY
from regulars.sample_company.parts import Household
from regulars.sample_company.people import People
from regulars.sample_company.records import entries, joined
from regulars.sample_company.seeds import stream

# (town, first digits or letters of its postcode), by country: NL, DE, GB, FR.
TOWNS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("Amsterdam", "10"), ("Rotterdam", "30"), ("Utrecht", "35"), ("Den Haag", "25"),
     ("Eindhoven", "56"), ("Groningen", "97"), ("Haarlem", "20"), ("Zwolle", "80")),
    (("Berlin", "101"), ("Hamburg", "200"), ("Köln", "506"), ("München", "803"),
     ("Leipzig", "041"), ("Bremen", "281"), ("Münster", "481"), ("Freiburg", "791")),
    (("London", "SE"), ("Leeds", "LS"), ("Bristol", "BS"), ("Manchester", "M"),
     ("Norwich", "NR"), ("Edinburgh", "EH"), ("Cardiff", "CF"), ("York", "YO")),
    (("Paris", "750"), ("Lyon", "690"), ("Lille", "590"), ("Nantes", "440"),
     ("Strasbourg", "670"), ("Bordeaux", "330"), ("Rennes", "350"), ("Dijon", "210")),
)  # fmt: skip
_STREETS: tuple[tuple[str, ...], ...] = (
    (
        "Molenstraat",
        "Havenkade",
        "Lindelaan",
        "Kerkplein",
        "Stationsweg",
        "Bakkersgang",
        "Beukenlaan",
        "Parkweg",
        "Waterstraat",
        "Nieuwe Gracht",
    ),
    (
        "Mühlenweg",
        "Hafenstraße",
        "Lindenallee",
        "Kirchplatz",
        "Bahnhofstraße",
        "Bäckergasse",
        "Buchenweg",
        "Am Park",
        "Wasserstraße",
        "Gartenstraße",
    ),
    (
        "Mill Lane",
        "Harbour Street",
        "Lime Avenue",
        "Church Walk",
        "Station Road",
        "Baker's Row",
        "Beech Grove",
        "Park Road",
        "Water Lane",
        "Garden Close",
    ),
    (
        "rue du Moulin",
        "quai du Port",
        "allée des Tilleuls",
        "place de l'Église",
        "avenue de la Gare",
        "passage du Four",
        "rue des Hêtres",
        "rue du Parc",
        "rue de l'Eau",
        "rue des Jardins",
    ),
)
_STREETS_A_COUNTRY, _TOWNS_A_COUNTRY = 10, 8
# Streets whose house number stands before the name.
_NUMBER_FIRST = (2, 3)


@dataclass(frozen=True)
class Addresses:
    """One entry per address that somebody gave, in order of time.

    dwelling is what two people at one address share.
    """

    customer: np.ndarray
    dwelling: np.ndarray
    changed_at: np.ndarray


def addresses(seed: int, who: People, kin: Kinship, household: Household) -> Addresses:
    """The household's at sign-up; one's own from a removal on."""
    rng = stream(seed, "addresses")
    stays = rng.exponential(365.0 / household.moves_per_year, len(who))
    moves = np.flatnonzero(stays < 20_000)
    at = who.created_at[moves] + np.rint(stays[moves] * DAY).astype(np.int64)
    at_sign_up = Addresses(
        customer=np.arange(len(who)), dwelling=kin.home, changed_at=who.created_at
    )
    after_moves = Addresses(customer=moves, dwelling=len(who) + moves, changed_at=at)
    both = joined([at_sign_up, after_moves])
    return entries(both, np.lexsort((both.customer, both.changed_at)))


def written(seed: int, who: People, given: Addresses) -> dict[str, Column]:
    """Street with number, postcode and town of each entry, as its country writes them."""
    country, key = who.country[given.customer], given.dwelling
    street = _pick(seed, "street", key, _STREETS_A_COUNTRY) + country * _STREETS_A_COUNTRY
    town = _pick(seed, "town", key, _TOWNS_A_COUNTRY) + country * _TOWNS_A_COUNTRY
    number = Ids("", 1 + _pick(seed, "house number", key, 140), 1)
    names = Labels(street, tuple(name for row in _STREETS for name in row))
    towns = [entry for row in TOWNS for entry in row]
    return {
        "street": Either(
            np.isin(country, _NUMBER_FIRST),
            Joined((names, " ", number)),
            Joined((number, " ", names)),
        ),
        "postcode": _postcodes(seed, country, key, Labels(town, tuple(p for _, p in towns))),
        "city": Labels(town, tuple(name for name, _ in towns)),
    }


def _pick(seed: int, part: str, key: np.ndarray, size: int) -> np.ndarray:
    return (keyed.uniforms(seed, part, key) * size).astype(np.int64)


def _postcodes(seed: int, country: np.ndarray, key: np.ndarray, area: Labels) -> Column:
    """1012 AB, 10115, LS4 2QT or 75011."""
    letters = Labels(
        _pick(seed, "postcode letters", key, 400),
        tuple(a + b for a in "ABDEGHJLNPRSTUWXYZKM" for b in "ABDEGHJLNPRSTUWXYZKM"),
    )
    two_digits = Ids("", _pick(seed, "postcode digits", key, 100), 2)
    district = Ids("", 1 + _pick(seed, "postcode digit", key, 9), 1)
    inward = Ids("", _pick(seed, "postcode inward", key, 10), 1)
    dutch, continental = Joined((area, two_digits, " ", letters)), Joined((area, two_digits))
    british = Joined((area, district, " ", inward, letters))
    return Either(country == 0, Either(country == 2, continental, british), dutch)
