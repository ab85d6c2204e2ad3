"""One thing that a night holds back, waits for or cannot use, and the sentence that tells it.

No sentence holds a value of a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from regulars.phrases import count, numerals, phrase, plural, say

LACKING = {
    "sales": phrase("no feed tells that somebody has bought"),
    "permission": phrase("no feed tells that somebody has said no"),
    "service": phrase("no feed tells that somebody waits for an answer"),
    "farewells": phrase("no feed tells that somebody has died or asked to be erased"),
}
NOES = {
    "consent": (phrase("no"), phrase("no's")),
    "farewell": (phrase("death or erasure request"), phrase("deaths or erasure requests")),
}
UNREAD = {
    "sale": (phrase("row of sales"), phrase("rows of sales"), phrase("is on no marketing list")),
    "case": (phrase("service case"), phrase("service cases"), phrase("is on no list")),
    "answer": (phrase("answer"), phrase("answers"), phrase("is left out as after a bad one")),
    "referral": (
        phrase("referral"),
        phrase("referrals"),
        phrase("is told of without how many they brought"),
    ),
    "account": (
        phrase("row about an account"),
        phrase("rows about accounts"),
        phrase("is on no marketing list"),
    ),
}
OF_A_FEED = (
    phrase("row of {feed}"),
    phrase("rows of {feed}"),
    phrase("is on no list that needs {feed}"),
)
MISNAMED = {
    "sale": (
        phrase("order under an id that nobody has and that is somebody's but for the spelling"),
        phrase("orders under ids that nobody has and that are somebody's but for the spelling"),
    ),
    "case": (
        phrase(
            "service case under an id that nobody has and that is somebody's but for the spelling"
        ),
        phrase(
            "service cases under ids that nobody has and that are somebody's but for the spelling"
        ),
    ),
    "answer": (
        phrase("answer under an id that nobody has and that is somebody's but for the spelling"),
        phrase("answers under ids that nobody has and that are somebody's but for the spelling"),
    ),
}
OF_NOBODY = {
    "orders": (
        phrase("order of nobody who is known: what it names, a customer, has not come"),
        phrase("orders of nobody who is known: what they name, a customer, has not come"),
    ),
    "order_lines": (
        phrase("order line of nobody who is known: what it names, an order, has not come"),
        phrase("order lines of nobody who is known: what they name, an order, has not come"),
    ),
    "cases": (
        phrase(
            "service case of nobody who is known: what it names, a customer or an order, has not"
            " come"
        ),
        phrase(
            "service cases of nobody who is known: what they name, a customer or an order, has not"
            " come"
        ),
    ),
    "surveys": (
        phrase("answer of nobody who is known: what it names, a customer or a case, has not come"),
        phrase(
            "answers of nobody who is known: what they name, a customer or a case, has not come"
        ),
    ),
}
NOT_SENT = {
    "nobody": phrase("whom nobody here knows"),
    "held": phrase("who are held out of that list: its result is spoilt by them"),
    "not_listed": phrase("who were not on that list"),
}
STILL_HELD = {  # by the status of an erasure
    "open": phrase("tables and files still hold them"),
    "removed": phrase("the database's own files still hold them"),
}
# In the order they are told: what stops a file first.
KINDS = (
    "erasure_overdue",
    "list_withheld",
    "feed_not_in",
    "feed_let_pass",
    "no_about_nobody",
    "no_unread",
    "guard_lacking",
    "feed_switched_off",
    "rows_in_doubt",
    "rows_misnamed",
    "rows_of_nobody",
    "orders_undecided",
    "orders_without_value",
    "spend_without_value",
    "rows_waiting",
    "refunds_above_sale",
    "refunds_without_sale",
    "contact_not_sent",
    "merges_set_aside",
    "addresses_of_many",
    "erasure_begun",
    "erasure_open",
    "erasure_left",
    "ledger_warning",
)

OF_FEEDS = ("feed_not_in", "feed_let_pass")


@dataclass(frozen=True)
class Hold:
    """A kind of night_holds, or list_withheld or ledger_warning; what it is about; how many."""

    kind: str
    subject: str
    count: int = 1
    amount: Decimal | None = None
    words: str | None = None

    @property
    def sentence(self) -> str:
        """For people, without a full stop."""
        return SENTENCES[self.kind](self)


SENTENCES = {
    "erasure_overdue": lambda h: plural(
        h.count,
        "overdue: to erase {number} person by {day}; {holders}",
        "overdue: to erase {number} people by {day}; {holders}",
        day=h.subject,
        holders=say(STILL_HELD[h.words or "removed"]),
    ),
    "erasure_begun": lambda h: plural(
        h.count,
        "person to be erased by {day}: it was begun and broke off, and tables and files still hold"
        " them; the next night goes on, or `regulars erase`",
        "people to be erased by {day}: it was begun and broke off, and tables and files still hold"
        " them; the next night goes on, or `regulars erase`",
        day=h.subject,
    ),
    "erasure_open": lambda h: plural(
        h.count,
        "person removed everywhere but in the database's own files, which are to be rewritten by"
        " {day}",
        "people removed everywhere but in the database's own files, which are to be rewritten by"
        " {day}",
        day=h.subject,
    ),
    "erasure_left": lambda h: plural(
        h.count,
        "erasure of the last week had to leave something, which is to be mended by hand:"
        " `regulars erase --receipts` says what",
        "erasures of the last week had to leave something, which is to be mended by hand:"
        " `regulars erase --receipts` says what",
    ),
    "list_withheld": lambda h: say("{list} is withheld: {why}", list=h.subject, why=h.words),
    "feed_not_in": lambda h: say("not in: {feeds}", feeds=h.words),
    "feed_let_pass": lambda h: say("let pass by a person: {feeds}", feeds=h.words),
    "no_about_nobody": lambda h: say(
        "{noes} under ids that nobody has; whom they may mean is left out",
        noes=plural(h.count, *NOES[h.subject]),
    ),
    "no_unread": lambda h: say(
        "{noes} in quarantine; whom they may mean is left out until a revision corrects the line or"
        " it is replayed",
        noes=plural(h.count, *NOES[h.subject]),
    ),
    "guard_lacking": lambda h: say(LACKING[h.subject]),
    "feed_switched_off": lambda h: say(
        "switched off: {feed}, which would guard {guarded}",
        feed=h.subject,
        guarded=say(" and ").join((h.words or "").split()),
    ),
    "rows_in_doubt": lambda h: _unread(h),
    "rows_misnamed": lambda h: say(
        "{rows}; whom they may mean {consequence}",
        rows=plural(h.count, *MISNAMED[h.subject]),
        consequence=say(UNREAD[h.subject][2]),
    ),
    "rows_of_nobody": lambda h: plural(h.count, *OF_NOBODY[h.subject]),
    "orders_undecided": lambda h: plural(
        h.count,
        "order without lines: their customers are on no list that says they have not bought",
        "orders without lines: their customers are on no list that says they have not bought",
    ),
    "orders_without_value": lambda h: plural(
        h.count,
        "order in a currency without a rate: their customers are on no marketing list",
        "orders in a currency without a rate: their customers are on no marketing list",
    ),
    "spend_without_value": lambda h: plural(
        h.count,
        "month of marketing spend in a currency without a rate, or without a usual channel's: what"
        " its newcomers cost is not known",
        "months of marketing spend in a currency without a rate, or without a usual channel's: what"
        " their newcomers cost is not known",
    ),
    "rows_waiting": lambda h: say(
        "{number} of {feed} later than the night's day: each waits for its own",
        number=count(h.count),
        feed=h.subject,
    ),
    "refunds_above_sale": lambda h: plural(
        h.count,
        "refunds above their sales: {amount} on {number} order does not count",
        "refunds above their sales: {amount} on {number} orders does not count",
        amount=numerals(f"{h.amount:,}"),
    ),
    "refunds_without_sale": lambda h: plural(
        h.count,
        "refunds of no known sale: {amount} in {number} refund does not count",
        "refunds of no known sale: {amount} in {number} refunds does not count",
        amount=numerals(f"{h.amount:,}"),
    ),
    "contact_not_sent": lambda h: plural(
        h.count,
        "contact in 30 days, reported of a list, with people {who}",
        "contacts in 30 days, reported of a list, with people {who}",
        who=say(NOT_SENT[h.subject]),
    ),
    "merges_set_aside": lambda h: plural(
        h.count,
        "merge of accounts set aside: in a circle, or of too many in a row",
        "merges of accounts set aside: in a circle, or of too many in a row",
    ),
    "addresses_of_many": lambda h: plural(
        h.count,
        "address of more people than a household has: each of them stands alone",
        "addresses of more people than a household has: each of them stands alone",
    ),
    "ledger_warning": lambda h: plural(
        h.count,
        "warning of {feed}: {warning} ({number} file)",
        "warning of {feed}: {warning} ({number} files)",
        feed=h.subject,
        warning=h.words,
    ),
}


def sentences(holds: Iterable[Hold], *kinds: str) -> list[str]:
    """Of some kinds, or of all."""
    return [hold.sentence for hold in holds if not kinds or hold.kind in kinds]


def _unread(hold: Hold) -> str:
    """By what is in doubt; of a feed that lists need, by its name."""
    one, many, consequence = UNREAD.get(hold.subject, OF_A_FEED)
    return say(
        "{rows} in quarantine; whom they may mean {consequence}",
        rows=plural(hold.count, one, many, feed=hold.subject),
        consequence=say(consequence, feed=hold.subject),
    )
