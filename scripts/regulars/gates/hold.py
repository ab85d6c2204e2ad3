"""One thing that a night holds back, waits for or cannot use, and the sentence that tells it.

No sentence holds a value of a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

LACKING = {
    "sales": "that somebody has bought",
    "permission": "that somebody has said no",
    "service": "that somebody waits for an answer",
    "farewells": "that somebody has died or asked to be erased",
}
NOES = {"consent": "no's", "farewell": "deaths or erasure requests"}
UNREAD = {
    "sale": ("row of sales", "rows of sales", "is on no marketing list"),
    "case": ("service case", "service cases", "is on no list"),
    "answer": ("answer", "answers", "is left out as after a bad one"),
    "referral": ("referral", "referrals", "is told of without how many they brought"),
    "account": ("row about an account", "rows about accounts", "is on no marketing list"),
}
MISNAMED = {
    "sale": ("order", "orders"),
    "case": ("service case", "service cases"),
    "answer": ("answer", "answers"),
}
OF_NOBODY = {
    "cases": ("service case", "service cases", "a customer or an order"),
    "surveys": ("answer", "answers", "a customer or a case"),
}
NOT_SENT = {
    "nobody": "whom nobody here knows",
    "held": "who are held out of that list: its result is spoilt by them",
    "not_listed": "who were not on that list",
}
STILL_HELD = {  # by the status of an erasure
    "open": "tables and files still hold them",
    "removed": "the database's own files still hold them",
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
    "erasure_overdue": lambda h: (
        f"overdue: to erase {_people(h.count)} by {h.subject}; {STILL_HELD[h.words or 'removed']}"
    ),
    "erasure_begun": lambda h: (
        f"{_people(h.count)} to be erased by {h.subject}: it was begun and broke off, and tables"
        " and files still hold them; the next night goes on, or `regulars erase`"
    ),
    "erasure_open": lambda h: (
        f"{_people(h.count)} removed everywhere but in the database's own files, which are to be"
        f" rewritten by {h.subject}"
    ),
    "erasure_left": lambda h: (
        f"{h.count:,} {'erasure' if h.count == 1 else 'erasures'} of the last week had to leave"
        " something, which is to be mended by hand: `regulars erase --receipts` says what"
    ),
    "list_withheld": lambda h: f"{h.subject} is withheld: {h.words}",
    "feed_not_in": lambda h: f"not in: {h.words}",
    "feed_let_pass": lambda h: f"let pass by a person: {h.words}",
    "no_about_nobody": lambda h: (
        f"{h.count:,} {NOES[h.subject]} under ids that nobody has; whom they may mean is left out"
    ),
    "no_unread": lambda h: (
        f"{h.count:,} {NOES[h.subject]} in quarantine; whom they may mean is left out"
        " until a revision corrects the line or it is replayed"
    ),
    "guard_lacking": lambda h: f"no feed tells {LACKING[h.subject]}",
    "feed_switched_off": lambda h: (
        f"switched off: {h.subject}, which would guard {_listed(h.words)}"
    ),
    "rows_in_doubt": lambda h: _unread(h),
    "rows_misnamed": lambda h: _misnamed(h),
    "rows_of_nobody": lambda h: _of_nobody(h),
    "orders_undecided": lambda h: (
        f"{_orders(h.count)} without lines: their customers are on no list that says they have"
        " not bought"
    ),
    "orders_without_value": lambda h: (
        f"{_orders(h.count)} in a currency without a rate: their customers are on no marketing list"
    ),
    "spend_without_value": lambda h: (
        f"{h.count:,} {'row' if h.count == 1 else 'rows'} of marketing spend in another currency:"
        " what newcomers of those months cost is not known"
    ),
    "rows_waiting": lambda h: (
        f"{h.count:,} of {h.subject} later than the night's day: each waits for its own"
    ),
    "refunds_above_sale": lambda h: (
        f"refunds above their sales: {h.amount:,} on {_orders(h.count)} does not count"
    ),
    "refunds_without_sale": lambda h: (
        f"refunds of no known sale: {h.amount:,} in {h.count:,}"
        f" {'refund' if h.count == 1 else 'refunds'} does not count"
    ),
    "contact_not_sent": lambda h: (
        f"{h.count:,} {'contact' if h.count == 1 else 'contacts'} in 30 days, reported of a list,"
        f" with people {NOT_SENT[h.subject]}"
    ),
    "merges_set_aside": lambda h: (
        f"{h.count:,} {'merge' if h.count == 1 else 'merges'} of accounts set aside: in a circle,"
        " or of too many in a row"
    ),
    "addresses_of_many": lambda h: (
        f"{h.count:,} {'address' if h.count == 1 else 'addresses'} of more people than a household"
        " has: each of them stands alone"
    ),
    "ledger_warning": lambda h: (
        f"warning of {h.subject}: {h.words} ({h.count:,} {'file' if h.count == 1 else 'files'})"
    ),
}


def sentences(holds: Iterable[Hold], *kinds: str) -> list[str]:
    """Of some kinds, or of all."""
    return [hold.sentence for hold in holds if not kinds or hold.kind in kinds]


def _unread(hold: Hold) -> str:
    """By what is in doubt; of a feed that lists need, by its name."""
    feed = hold.subject
    of_feed = (f"row of {feed}", f"rows of {feed}", f"is on no list that needs {feed}")
    one, many, consequence = UNREAD.get(feed, of_feed)
    rows = one if hold.count == 1 else many
    return f"{hold.count:,} {rows} in quarantine; whom they may mean {consequence}"


def _misnamed(hold: Hold) -> str:
    one, many = MISNAMED[hold.subject]
    rows = f"{one} under an id" if hold.count == 1 else f"{many} under ids"
    verb = "is" if hold.count == 1 else "are"
    return (
        f"{hold.count:,} {rows} that nobody has and that {verb} somebody's but for the spelling;"
        f" whom they may mean {UNREAD[hold.subject][2]}"
    )


def _of_nobody(hold: Hold) -> str:
    one, many, lacking = OF_NOBODY[hold.subject]
    verb = "names" if hold.count == 1 else "name"
    return (
        f"{hold.count:,} {one if hold.count == 1 else many} of nobody who is known: what"
        f" {'it' if hold.count == 1 else 'they'} {verb}, {lacking}, has not come"
    )


def _people(number: int) -> str:
    return f"{number:,} {'person' if number == 1 else 'people'}"


def _orders(number: int) -> str:
    return f"{number:,} {'order' if number == 1 else 'orders'}"


def _listed(words: str | None) -> str:
    return " and ".join((words or "").split())
