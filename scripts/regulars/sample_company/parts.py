"""The parameters of each part of a world: plain numbers, with the defaults of Kettle & Crane.

Every chance of the simulator stands here; the modules that draw hold none. A `_share` is a
probability, `_shares` are weights in the order of the codes that the docstring names (they need not
add up to one); rates are per day, money in euros, unless the name says more. Drop-out has classes
of its own in `dropout`, because ways of leaving differ in kind, not only in number.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rhythm:
    """When people come and how often they buy.

    rate_shape, rate_scale_days  purchase rates ~ Gamma(shape) / scale_days while alive
    gap_regularity               1: memoryless gaps; 3: Erlang-3, and so on
    season_strength              0: none; 1: the autumn of a shop that sells presents
    growth                       last day's new customers over the first day's
    prospect_share               people without an order
    at_sign_up_share             first orders within the hour of signing up; the others, weeks on
    months, weekdays             relative demand, from January and from Monday
    hours                        shares of the day's orders, from midnight
    """

    rate_shape: float = 0.80
    rate_scale_days: float = 84.0
    gap_regularity: float = 1.0
    season_strength: float = 1.0
    growth: float = 1.7
    prospect_share: float = 0.04
    at_sign_up_share: float = 0.86
    months: tuple[float, ...] = (
        0.86,
        0.80,
        0.84,
        0.86,
        0.86,
        0.80,
        0.72,
        0.82,
        1.06,
        1.32,
        1.72,
        1.42,
    )
    weekdays: tuple[float, ...] = (1.08, 1.02, 0.98, 0.98, 0.96, 0.92, 1.06)
    hours: tuple[int, ...] = (
        3,
        1,
        1,
        0,
        0,
        1,
        4,
        12,
        24,
        38,
        46,
        44,
        40,
        38,
        38,
        36,
        36,
        38,
        38,
        46,
        56,
        52,
        30,
        11,
    )

    @property
    def usual_rate(self) -> float:
        """Mean purchases per day while alive."""
        return self.rate_shape / self.rate_scale_days


@dataclass(frozen=True)
class SignUp:
    """What people are and say of themselves.

    country_shares                    of people.COUNTRIES
    foreign_language_share, _zone     English instead of the country's language; another time zone
    channel_shares                    of people.CHANNELS, the preferred one
    phone_share, email_share          who gives a number, an address
    minor_share, leap_day_share       of birth dates
    birth_unknown_share, anniversary_ who does not say
    update_share, update_kind_shares  who changes a detail later: phone, e-mail, preferred channel
    """

    country_shares: tuple[float, ...] = (0.42, 0.30, 0.16, 0.12)
    foreign_language_share: float = 0.05
    foreign_zone_share: float = 0.004
    channel_shares: tuple[float, ...] = (0.78, 0.12, 0.10)
    phone_share: float = 0.72
    email_share: float = 0.965
    minor_share: float = 0.004
    leap_day_share: float = 0.005
    birth_unknown_share: float = 0.14
    anniversary_unknown_share: float = 0.7
    update_share: float = 0.09
    update_kind_shares: tuple[float, ...] = (5, 2, 3)


@dataclass(frozen=True)
class Change:
    """Something that happens to the whole company; every factor is 1 where nothing changes.

    starts_at, lasts_days        share of the nights that have passed by then; None: for good
    buying, signing_up, prices   times the usual, while it lasts
    newcomer_rate, _hazard       purchase rate and drop-out of those who sign up meanwhile
    hazard                       drop-out of everybody, from then on and for good
    closes_shop                  nobody buys over the counter any more
    """

    starts_at: float
    lasts_days: int | None = None
    buying: float = 1.0
    signing_up: float = 1.0
    prices: float = 1.0
    newcomer_rate: float = 1.0
    newcomer_hazard: float = 1.0
    hazard: float = 1.0
    closes_shop: bool = False

    def first_night(self, nights: int) -> int:
        """Night (0-based) on which it starts, in a company of that many nights."""
        return int(self.starts_at * nights)

    def last_day(self, nights: int, horizon: int) -> int:
        """The day (0-based, exclusive) on which it is over, at most the horizon."""
        if self.lasts_days is None:
            return horizon
        return min(self.first_night(nights) + self.lasts_days, horizon)


@dataclass(frozen=True)
class Spend:
    """What people spend.

    spread                          log standard deviation of a customer's spend level
    rate_correlation                of spend level and purchase rate (normal scores)
    unit_share_first, _later        orders with a machine, grinder or kettle in them
    shop_share                      orders over the counter
    cost_shares                     (category, cost over price) where it is not the catalogue's
    wholesale_share                 of customers; each category line of theirs is multiplied
    wholesale_quantity, _per_year   by this much, and they order so often
    unit_, first_, later_, further_ category_shares, of catalogue.CATEGORIES: of the unit that an
                                    order holds, of the first line of first and of later orders, of
                                    further lines
    further_lines                   mean lines beyond the first, at the usual spend level
    discount_share                  lines with a discount
    discounts, discount_shares      how much off, and how often each
    """

    spread: float = 0.55
    rate_correlation: float = 0.3
    unit_share_first: float = 0.16
    unit_share_later: float = 0.045
    shop_share: float = 0.10
    cost_shares: tuple[tuple[str, float], ...] = ()
    wholesale_share: float = 0.0
    wholesale_quantity: int = 10
    wholesale_per_year: float = 18.0
    unit_category_shares: tuple[float, ...] = (0.24, 0.34, 0.42, 0, 0, 0, 0, 0)
    first_category_shares: tuple[float, ...] = (0, 0, 0, 0.50, 0.39, 0.09, 0.02, 0)
    later_category_shares: tuple[float, ...] = (0, 0, 0, 0.64, 0.20, 0.145, 0.015, 0)
    further_category_shares: tuple[float, ...] = (0, 0, 0, 0.48, 0.35, 0.17, 0, 0)
    further_lines: float = 0.45
    discount_share: float = 0.11
    discounts: tuple[float, ...] = (0.05, 0.10, 0.15, 0.20)
    discount_shares: tuple[float, ...] = (4, 4, 1, 1)


@dataclass(frozen=True)
class Wallet:
    """What customers buy from a competitor (see `wallets`).

    shared_share     of customers and categories: bought elsewhere too; 0: no wallet is shared
    elsewhere_share  of their lines in such a category, but an order's first: bought there
    """

    shared_share: float = 0.0
    elsewhere_share: float = 0.75


@dataclass(frozen=True)
class Exchange:
    """A second currency that customers of one country pay in.

    currency             its code; empty: everybody pays in euros
    country              of people.COUNTRIES
    rate                 euros for a unit at the founding, which also sets the prices
    daily_volatility     standard deviation of a day's change of the rate's logarithm
    daily_pull           share of its distance from where it began that a day takes back
    """

    currency: str = ""
    country: str = "GB"
    rate: float = 1.16
    daily_volatility: float = 0.005
    daily_pull: float = 0.004


@dataclass(frozen=True)
class Handling:
    """How orders are made and handled.

    phone_share           orders by telephone; the shop's share is `Spend.shop_share`
    gift_card_share       of orders but the first; gift_card_shares: of its cards, cheap to dear
    transfer_share        paid by bank, days later
    misbooked_one_in      orders that start on a neighbour's account, one in so many
    late_discount_one_in  discounted lines whose discount is settled days after the sale
    """

    phone_share: float = 0.04
    gift_card_share: float = 0.008
    gift_card_shares: tuple[float, ...] = (3, 5, 2)
    transfer_share: float = 0.04
    misbooked_one_in: int = 400
    late_discount_one_in: int = 300


@dataclass(frozen=True)
class Service:
    """Who contacts us, how well it goes, and what it costs when it does not.

    case_share                      service cases per order
    unit_trouble                    cases of an order with a unit over those of another
    failure_spread                  log standard deviation of the products' failure rates
    contact_by_rate                 elasticity of a customer's contacts in the purchase rate
    contact_spread                  log standard deviation of contacts between customers
    slow_share, breach_share        of cases: answered late, but in time; promise broken
    bad_repair_share                of cases: badly solved
    slow_hazard, breach_hazard, bad_repair_hazard  drop-out is multiplied by this after each
                                    such case; by the largest, where one case has several faults
    wear_share                      of cases: months after the order, when things wear out
    reopened_share                  of badly solved cases; goodwill_share: of cases with a fault
    repeated_share                  of badly mended faults: the same again within weeks, a new case
    replaced_share                  of warranty claims for goods that are replaced
    prospect_question_share         of people who never order
    kind_shares                     a row per catalogue.CATEGORIES, a column per service.KINDS
    reason_shares                   a row per service.KINDS, a column per service.REASONS
    trouble                         how readily a line of each category is what a case is about
    wear_kinds                      times the kinds' shares, for units long after the order
    """

    case_share: float = 0.12
    unit_trouble: float = 3.5
    failure_spread: float = 0.0
    contact_by_rate: float = 0.3
    contact_spread: float = 0.4
    slow_share: float = 0.0
    breach_share: float = 0.17
    bad_repair_share: float = 0.06
    slow_hazard: float = 1.0
    breach_hazard: float = 3.0
    bad_repair_hazard: float = 3.0
    wear_share: float = 0.2
    reopened_share: float = 0.6
    repeated_share: float = 0.0
    goodwill_share: float = 0.4
    replaced_share: float = 0.45
    prospect_question_share: float = 0.15
    kind_shares: tuple[tuple[float, ...], ...] = (
        (0.34, 0.16, 0.24, 0.16, 0.06, 0.03, 0.01),
        (0.34, 0.18, 0.22, 0.16, 0.06, 0.03, 0.01),
        (0.38, 0.26, 0.10, 0.18, 0.00, 0.06, 0.02),
        (0.52, 0.48, 0.00, 0.00, 0.00, 0.00, 0.00),
        (0.55, 0.38, 0.00, 0.05, 0.00, 0.01, 0.01),
        (0.68, 0.28, 0.00, 0.03, 0.00, 0.00, 0.01),
        (0.70, 0.30, 0.00, 0.00, 0.00, 0.00, 0.00),
        (0.80, 0.20, 0.00, 0.00, 0.00, 0.00, 0.00),
    )
    reason_shares: tuple[tuple[float, ...], ...] = (
        (0.48, 0.30, 0.22, 0, 0, 0, 0, 0, 0, 0, 0),
        (0, 0, 0.08, 0.40, 0.24, 0.16, 0.12, 0, 0, 0, 0),
        (0, 0, 0, 0, 0, 0, 0, 0.60, 0.40, 0, 0),
        (0, 0, 0, 0, 0.12, 0, 0, 0.88, 0, 0, 0),
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0.20, 0.80),
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 1.00, 0),
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 1.00, 0),
    )
    trouble: tuple[float, ...] = (30.0, 20.0, 10.0, 1.0, 1.2, 1.6, 1.0, 1.0)
    wear_kinds: tuple[float, ...] = (0.5, 0.3, 2.0, 1.5, 4.0, 3.0, 3.0)

    def __post_init__(self) -> None:
        if min(self.slow_hazard, self.breach_hazard, self.bad_repair_hazard) < 1.0:
            raise ValueError("a hazard after bad service must be 1 (no effect) or more.")


@dataclass(frozen=True)
class Returns:
    """What comes back.

    share, late_share  orders with a refund; of those, two months late or more
    latest_days        the oldest order that is refunded, in days
    spread             log standard deviation of returning between customers
    cancelled_share    orders cancelled before they leave
    whole_share        of returns: the whole order, else one line
    goodwill_share     of lines sent back alone: part of the price, and the goods are kept
    reason_shares      of returns.REASONS, but goodwill
    by_category        how readily goods of each of catalogue.CATEGORIES come back
    booked_late_share  of refunds: the cost of handling is known days later
    """

    share: float = 0.06
    late_share: float = 0.12
    latest_days: int = 400
    spread: float = 0.0
    cancelled_share: float = 0.025
    whole_share: float = 0.62
    goodwill_share: float = 0.35
    reason_shares: tuple[float, ...] = (46, 14, 8, 18, 14)
    by_category: tuple[float, ...] = (1.6, 1.4, 1.2, 0.45, 1.2, 1.0, 0.3, 0.0)
    booked_late_share: float = 0.1


@dataclass(frozen=True)
class Opinions:
    """Who answers a survey, and what.

    *_share                  answers per case (CSAT, effort) and per delivery (CSAT, NPS, an idea)
    well_, badly_served_scores, delivery_scores  shares of CSAT and effort 1 to 5
    nps_scores               shares of 0 to 10
    comment_, complaint_share  who writes a comment; who does when the score is low
    """

    case_csat_share: float = 0.42
    case_effort_share: float = 0.07
    delivery_csat_share: float = 0.055
    delivery_nps_share: float = 0.05
    idea_share: float = 0.004
    well_served_scores: tuple[float, ...] = (0.015, 0.035, 0.13, 0.37, 0.45)
    badly_served_scores: tuple[float, ...] = (0.26, 0.30, 0.24, 0.13, 0.07)
    delivery_scores: tuple[float, ...] = (0.012, 0.03, 0.13, 0.39, 0.438)
    nps_scores: tuple[float, ...] = (
        0.01,
        0.01,
        0.01,
        0.02,
        0.03,
        0.06,
        0.07,
        0.16,
        0.22,
        0.22,
        0.19,
    )
    comment_share: float = 0.22
    complaint_share: float = 0.6


@dataclass(frozen=True)
class Permission:
    """One question at sign-up, by the names of care.CHANNELS and care.PURPOSES.

    asked_share: who is asked; granted_share: of those, who agree; None: as `Care` says.
    """

    channel: str
    purpose: str
    asked_share: float
    granted_share: float | None = None


@dataclass(frozen=True)
class Care:
    """What people allow, and what contacts do.

    email_consent_share, staff_share  of customers: e-mail marketing granted at sign-up; staff
    contact_effect                    times the usual effects of the lists; 0: they change nothing
    mailings_per_month                newsletters, 1 to 4, each to mailed_share
    mail_wearies                      each adds to its reader's weariness, and the chance of opting
                                      out grows with it (see `Response`), beside outcome_shares
    platforms                         of those who agree to advertising, who do so there too
    permissions, withdrawn_per_year   what is asked at sign-up; how often a yes is taken back
    mailed_share, outcome_shares      of those who agreed: who gets a month's newsletter, and what
                                      becomes of it (care.OUTCOMES)
    """

    email_consent_share: float = 0.70
    staff_share: float = 0.004
    contact_effect: float = 1.0
    mailings_per_month: int = 1
    mail_wearies: bool = False
    permissions: tuple[Permission, ...] = (
        Permission("email", "marketing", 0.93),
        Permission("email", "service", 0.90, 0.97),
        Permission("phone", "marketing", 0.55, 0.24),
        Permission("post", "marketing", 0.50, 0.46),
        Permission("ads", "advertising", 0.70, 0.40),
    )
    platforms: tuple[Permission, ...] = (
        Permission("google_ads", "ad_user_data", 0.92),
        Permission("google_ads", "ad_personalization", 0.84),
        Permission("meta_ads", "advertising", 0.75),
    )
    withdrawn_per_year: float = 0.05
    mailed_share: float = 0.34
    outcome_shares: tuple[float, ...] = (0, 0.600, 0.315, 0.062, 0.013, 0.008, 0.002)

    def __post_init__(self) -> None:
        if self.mailings_per_month not in (1, 2, 3, 4):
            raise ValueError("care.mailings_per_month must be 1, 2, 3 or 4.")


@dataclass(frozen=True)
class Household:
    """Who lives with whom, and who is one person under two accounts.

    two_accounts_share, namesakes_share  of pairs of namesakes of one country: one person; a couple
    others_share                         of other pairs of one country: a couple
    moves_per_year                       of everybody
    found_share                          second accounts that the shop finds and merges
    wrong_share, noticed_share           couples taken for one person; of those, un-merged later
    """

    two_accounts_share: float = 0.05
    namesakes_share: float = 0.25
    others_share: float = 0.04
    moves_per_year: float = 0.06
    found_share: float = 0.85
    wrong_share: float = 0.06
    noticed_share: float = 0.8


@dataclass(frozen=True)
class AfterSale:
    """What becomes of people and things after a sale.

    registered_, serviced_share         of units sold; of units, by owners who have it done
    given_back_share                    of cases that ask for it: trade-in, recycling, disposal
    re_sold_per_year, registered_again_ of units; of re-sold ones, registered by the next owner
    old_unit_share, _retired_per_year   of people: who had one before; how soon it goes,
    old_unit_recycled_share             and of those, not thrown away
    member_, redeemed_share             of people, in the points programme; of their orders
    died_shares                         of those who stopped buying, by age: (from, share)
    erased_, mistaken_share             of others: ask to be erased; are reported dead by mistake
    referred_share                      of newcomers, brought by a buyer; by_advocate_share of these
    advocate_share                      by one of the few who do most of the talking
    talk_if_served_well, _badly         times what people say who never had a case: a newcomer whom
                                        they would bring comes with referred_share times this
    """

    registered_share: float = 0.58
    serviced_share: float = 0.45
    given_back_share: float = 0.8
    re_sold_per_year: float = 0.03
    registered_again_share: float = 0.4
    old_unit_share: float = 0.10
    old_unit_retired_per_year: float = 0.12
    old_unit_recycled_share: float = 0.7
    member_share: float = 0.60
    redeemed_share: float = 0.35
    died_shares: tuple[tuple[int, float], ...] = ((75, 0.12), (60, 0.02), (0, 0.004))
    erased_share: float = 0.008
    mistaken_share: float = 0.002
    referred_share: float = 0.09
    advocate_share: float = 0.16
    by_advocate_share: float = 0.75
    talk_if_served_well: float = 1.0
    talk_if_served_badly: float = 1.0


@dataclass(frozen=True)
class ListEffect:
    """Power of a list by stratum (loop.response.STRATA), and how long a contact can work.

    persuades  chance that somebody who would not have bought in the window does
    puts_off   chance that somebody who would have bought does not
    """

    persuades: tuple[float, float, float]
    puts_off: tuple[float, float, float]
    window_days: int = 90


# One list does harm: those it is meant to keep, it reminds of leaving.
LIST_EFFECTS: dict[str, ListEffect] = {
    "second_purchase": ListEffect((0.10, 0.18, 0.14), (0.00, 0.01, 0.02)),
    "save_our_best": ListEffect((0.01, 0.02, 0.02), (0.20, 0.30, 0.40), 180),
    "make_it_right": ListEffect((0.05, 0.10, 0.15), (0.00, 0.00, 0.00), 180),
    "win_back": ListEffect((0.03, 0.06, 0.09), (0.02, 0.02, 0.02), 180),
    "reorder_due": ListEffect((0.04, 0.12, 0.20), (0.00, 0.01, 0.01), 30),
}
OTHER_LISTS_EFFECT = ListEffect((0.03, 0.05, 0.06), (0.01, 0.01, 0.01))


@dataclass(frozen=True)
class Response:
    """How people answer what the lists send (their power stands in LIST_EFFECTS).

    bounce_share                  addresses that no letter reaches
    spill_over                    of the power to persuade, on who lives with somebody contacted
    opened_, clicked_share        of letters that persuade nobody
    persuaded_click_share         of letters that persuade
    complaint_share               of opt-outs
    buys_again_shares             of those moved: a second order; of these, a third
    days_to_order                 mean, from contact to the first order
    memory_days                   after which a contact counts 1/e of what it did
    dulls                         per contact so counted, what power is left is exp(-dulls)
    annoys                        chance of opting out: 1 - exp(-annoys * (1 + contacts) ** 2)
    """

    bounce_share: float = 0.012
    spill_over: float = 0.3
    opened_share: float = 0.34
    clicked_share: float = 0.06
    persuaded_click_share: float = 0.7
    complaint_share: float = 0.15
    buys_again_shares: tuple[float, ...] = (0.30, 0.10)
    days_to_order: float = 9.0
    memory_days: float = 40.0
    dulls: float = 0.15
    annoys: float = 0.004


@dataclass(frozen=True)
class Dirt:
    """What is planted.

    per_mille  planted rows per thousand; 0 plants nothing, no odd file either
    kinds      only these kinds of rows and files; None: those of an ordinary company
    odd_file_share  nights with an odd file of each kind, once lists are answered
    late_parent_per_mille  customers who are delivered after their orders, over per_mille
    foreign_currency_per_mille  orders in a currency of no account, over per_mille
    """

    per_mille: float = 2.0
    kinds: frozenset[str] | None = None
    odd_file_share: float = 0.01
    late_parent_per_mille: float = 0.25
    foreign_currency_per_mille: float = 0.1
