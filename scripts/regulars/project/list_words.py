"""What a list says: its name and purpose, and sentences with places for facts.

The sentences are filled in by dbt's macro `sentence`; here they are read and checked, so that one
that cannot be filled in stops the night before it begins.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from regulars import own_project, yaml_text
from regulars.project import shapes
from regulars.project.bounds import TEXT
from regulars.project.located import DeclarationError, Located

SENTENCES = ("ineligible", "reasons", "actions")
BUILT_IN_FORMS = ("date", "number", "decimal", "duration", "exact_duration", "in_100", "plain")
WORDS = Path("macros") / "campaigns" / "words"
NAME = re.compile(r"[a-z][a-z0-9_]*")
FACT = re.compile(r"([a-z][a-z0-9_]*)(?::([a-z][a-z0-9_]*))?")


@dataclass(frozen=True)
class ListWords:
    """What a list is called and what it is for, in one language.

    name     what people call it
    purpose  for whoever acts on it, in a line
    who      whom it holds
    success  what counts as one
    verb     what is done with people on it, as in "20 calls"
    money    what its sum of money means, after the amount
    left     why somebody whom it is no longer about has left it

    What to say, and what not, need not be told. A text, but for those of PLAIN, has places for
    the list's own numbers (`{first_days}`), which dbt's macro `list_text` fills in as it does facts
    of sentences.
    """

    name: str
    purpose: str
    who: str
    success: str
    verb: str
    money: str
    left: str
    say: str | None = None
    do_not_say: str | None = None


OPTIONAL = ("say", "do_not_say")
PLAIN = {  # not by way of dbt
    "name": "regulars web shows",
    "purpose": "audience tables show",
    "who": "regulars lists show",
}


def words_of(
    entry: Located, language: str, forms: Iterable[str], numbers: Collection[str]
) -> ListWords:
    """A list's words in one language, which may speak of these numbers of the list by name. Raises
    DeclarationError."""
    forms = tuple(forms)
    words = entry.get(language)
    if words is None:
        raise entry.refuse(f"there are no words in the language '{language}'.")
    names = [field.name for field in fields(ListWords)]
    if odd := sorted(shapes.mapping(words).keys() - {*names, *SENTENCES}):
        raise words[odd[0]].refuse(f"'{odd[0]}' is none of {', '.join([*names, *SENTENCES])}.")
    for name in names:
        if words.get(name) is None and name in OPTIONAL:
            continue
        if fault := TEXT.fault(name, words.value.get(name)):
            raise (words.get(name) or words).refuse(fault)
        if name in PLAIN and "{" in words.value[name]:
            raise words[name].refuse(f"{name} has no places: {PLAIN[name]} it as it is written.")
        if fault := fault_of(words.value[name], forms, numbers):
            raise words[name].refuse(f"{name}: {fault}")
    for kind in SENTENCES:
        _check_sentences(words, kind, forms)
    return ListWords(**{name: words.value.get(name) for name in names})


def shared_words(dbt_project: Path, language: str) -> dict[str, Any]:
    """The words of macros/campaigns/words/words_<language>.sql. Raises DeclarationError."""
    path = own_project.find(dbt_project, WORDS / f"words_{language}.sql")
    if not path.exists():
        files = own_project.files(dbt_project, str(WORDS / "words_*.sql"))
        languages = [file.stem.removeprefix("words_") for file in files]
        raise DeclarationError(
            f"dbt_project.yml: language is '{language}'; use one of {', '.join(languages)}."
        )
    text = path.read_text(encoding="utf-8").split("set words -%}")[1].split("{%- endset")[0]
    words: dict[str, Any] = yaml_text.parsed(text)
    return words


def forms_of(words: Mapping[str, Any]) -> tuple[str, ...]:
    """How a fact can be said in this language."""
    return (*BUILT_IN_FORMS, *words["forms"], *words["codes"])


def _check_sentences(words: Located, kind: str, forms: tuple[str, ...]) -> None:
    group = words.get(kind)
    if group is None:
        if kind == "ineligible":
            return  # everybody whom the list is about qualifies
        raise words.refuse(f"there are no {kind}.")
    for name in shapes.mapping(group):
        sentence = group[name]
        if not NAME.fullmatch(name):
            raise sentence.refuse(f"'{name}' is no name of a sentence: use a-z, 0-9 and _.")
        if not isinstance(sentence.value, str):
            raise sentence.refuse(f"{name} is no sentence: put it in quotation marks.")
        if kind == "reasons" and "{" not in sentence.value:
            raise sentence.refuse(
                f"{name} is no reason: without a fact of the person, in braces, it would be the"
                " same for everybody."
            )
        if fault := fault_of(sentence.value, forms):
            raise sentence.refuse(f"{name}: {fault}")


def fault_of(
    sentence: str, forms: Iterable[str], facts: Collection[str] | None = None
) -> str | None:
    """Why the places of a sentence cannot be filled in, or None. Without `facts`, those that there
    are, a place may name any column."""
    pieces = re.split("[{}]", sentence)
    if len(pieces) % 2 == 0 or re.sub("[^{}]", "", sentence) != "{}" * (len(pieces) // 2):
        return "every { needs its }, and facts do not stand in one another."
    for fact in pieces[1::2]:
        match = FACT.fullmatch(fact)
        if not match:
            return f"{{{fact}}} is no fact: write {{column}} or {{column:form}}."
        if match[2] and match[2] not in forms:
            return f"{{{fact}}}: a fact can be said as {', '.join(forms)}."
        if facts is not None and match[1] not in facts:
            return f"{{{fact}}}: {match[1]} is none of {', '.join(facts)}."
    return None
