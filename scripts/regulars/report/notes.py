"""What a reader should know before sending: the verdict and its notes, in plain sentences."""

from __future__ import annotations

from dataclasses import dataclass, replace

from regulars.phrases import count, phrase, plural, say
from regulars.report.earned_words import earned
from regulars.report.sections import Report
from regulars.report.words import day, model_name, percent, without_addresses

# Above this share of set-aside rows the counts on the page may be visibly short.
QUARANTINE_SHARE = 0.01


@dataclass(frozen=True)
class Verdict:
    """`headline` is the page's first sentence; `notes` are what to know first."""

    headline: str
    summary: str
    notes: tuple[str, ...]


def verdict(report: Report) -> Verdict:
    notes = tuple(all_notes(report))
    if any(gate.outcome == "not_run" for gate in report.gates):
        headline = say("Do not send yet.")
    else:
        headline = what_to_send(report)
    return Verdict(headline, summary(report), notes)


def what_to_send(report: Report) -> str:
    """Safe is only what everything that guards it is in for; then what was withheld or unread."""
    parts = (
        lacking_guards,
        harmful_lists,
        withheld_lists,
        noes_of_nobody,
        rows_in_doubt,
        overdue_erasures,
    )
    return " ".join(
        [files_to_send(report), *(sentence for part in parts for sentence in part(report))]
    )


def lacking_guards(report: Report) -> list[str]:
    """What no feed would tell: of that, safe says nothing."""
    return [_note(hold.sentence) for hold in report.holds_of("guard_lacking")]


def harmful_lists(report: Report) -> list[str]:
    number = len(harm_notes(report))
    return [plural(number, "list loses money.", "lists lose money.")] if number else []


def files_to_send(report: Report) -> str:
    if not any(each.is_contact for each in report.lists):
        return say("Nothing to send tonight.")
    if report.holds_of("feed_let_pass"):
        return say(
            "To be sent on a person's word alone: not everything that guards the lists is in."
        )
    return safe_to_send(report)


def withheld_lists(report: Report) -> list[str]:
    number = len(report.holds_of("list_withheld"))
    return [plural(number, "list is withheld.", "lists are withheld.")] if number else []


def noes_of_nobody(report: Report) -> list[str]:
    """Words against a contact under an id that nobody has."""
    number = sum(hold.count for hold in report.holds_of("no_about_nobody"))
    return [plural(number, "no matches nobody.", "no's match nobody.")] if number else []


def overdue_erasures(report: Report) -> list[str]:
    number = sum(hold.count for hold in report.holds_of("erasure_overdue"))
    return [plural(number, "erasure is overdue.", "erasures are overdue.")] if number else []


IN_DOUBT = (
    "no_unread",
    "rows_in_doubt",
    "rows_misnamed",
    "rows_of_nobody",
    "orders_undecided",
    "orders_without_value",
)


def rows_in_doubt(report: Report) -> list[str]:
    """What is there and cannot be read or used, so that somebody may be left out for it."""
    number = sum(hold.count for hold in report.holds_of(*IN_DOUBT))
    return [plural(number, "row is in doubt.", "rows are in doubt.")] if number else []


def safe_to_send(report: Report) -> str:
    """Until the first list that has people runs out."""
    ends = [each.valid_until for each in report.lists if each.is_contact and each.valid_until]
    return say("Safe to send until {day}.", day=day(min(ends))) if ends else say("Safe to send.")


def summary(report: Report) -> str:
    """Gates, then what changed, in two sentences."""
    passed = sum(gate.outcome != "not_run" for gate in report.gates)
    gates = plural(passed, "gate passed.", "gates passed.") if passed else ""
    return " ".join(part for part in (gates, changed(report)) if part)


def changed(report: Report) -> str:
    moves = [each.movement for each in report.lists if each.movement]
    if report.edition.previous_as_of is None:
        return say("This is the first published night, so there is nothing to compare with.")
    since = day(report.edition.previous_as_of)
    if not moves:
        return say("No list has people, as on {day}.", day=since)
    entered, left = sum(m.entered for m in moves), sum(m.left for m in moves)
    if not entered and not left:
        return say("Nobody joined or left tonight's lists since {day}.", day=since)
    return say(
        "Since {day}, {entered} joined tonight's lists and {left} left them, hold-outs included.",
        day=since,
        entered=count(entered),
        left=count(left),
    )


def all_notes(report: Report) -> list[str]:
    return [
        *gate_notes(report),
        *harm_notes(report),
        *hold_notes(report),
        *refusal_notes(report),
        *quarantine_notes(report),
        *model_notes(report),
    ]


def harm_notes(report: Report) -> list[str]:
    """Lists that lose money, as far as that may be announced."""
    currency = report.edition.currency
    return [
        say(
            "{list}, {earned}: `enabled: false` under the `config` of {code}.yml.",
            list=each.name,
            earned=earned(each, currency),
            code=each.code,
        )
        for each in report.lists
        if each.measured and each.measured.verdict == "harm"
    ]


GATE_NOTES = {
    "approved": phrase(
        "The {gate} gate has a person's approval: its checks may not all have passed."
    ),
    "not_run": phrase("The {gate} gate left no record of having been run."),
}


def gate_notes(report: Report) -> list[str]:
    return [
        say(GATE_NOTES[gate.outcome], gate=gate.name)
        for gate in report.gates
        if gate.outcome in GATE_NOTES
    ]


def hold_notes(report: Report) -> list[str]:
    """What is held back, waits or cannot be used; the ledger's warnings stand with the data."""
    names = {each.code: each.name for each in report.lists}
    named = [replace(h, subject=names.get(h.subject, h.subject)) for h in report.holds]
    notes = [_note(hold.sentence) for hold in named if hold.kind != "ledger_warning"]
    warned = len(report.holds_of("ledger_warning"))
    if warned:
        notes.append(
            plural(
                warned,
                "warning about delivered files: see data quality.",
                "warnings about delivered files: see data quality.",
            )
        )
    return notes


def _note(sentence: str) -> str:
    return f"{sentence[0].upper()}{without_addresses(sentence[1:])}."


def refusal_notes(report: Report) -> list[str]:
    refused = report.deliveries.refused
    if not refused:
        return []
    feeds = ", ".join(f.feed for f in report.deliveries.feeds if f.refused)
    return [
        plural(
            refused,
            "file was refused ({feeds}); the data of the day before stays in place.",
            "files were refused ({feeds}); the data of the day before stays in place.",
            feeds=feeds,
        )
    ]


def quarantine_notes(report: Report) -> list[str]:
    rows, quarantined = report.deliveries.rows_in, report.deliveries.rows_quarantined
    if not rows or quarantined / rows < QUARANTINE_SHARE:
        return []
    return [
        say(
            "{count} of {all} delivered rows ({share}) are set aside.",
            count=count(quarantined),
            all=count(rows),
            share=percent(quarantined / rows, 1),
        )
    ]


def model_notes(report: Report) -> list[str]:
    notes = []
    for run in report.model.runs:
        if not run.is_converged and run.log_likelihood is not None:
            notes.append(
                say(
                    "The {model} fit did not converge; treat values as rough.",
                    model=model_name(run.model),
                )
            )
        notes += [f"{model_name(run.model)}: {without_addresses(w)}" for w in run.warnings]
    return list(dict.fromkeys(notes))
