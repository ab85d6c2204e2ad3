"""Whether there is any such column as a list's sentences name: a slip of the hand would else be
told by the database, in the middle of the night, without the file it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from regulars import own_project
from regulars.project import shapes
from regulars.project.list_words import FACT, SENTENCES
from regulars.project.located import Located

WORD = re.compile(r"[a-z_][a-z0-9_]*")


def check(dbt_project: Path, entries: Mapping[str, Located]) -> None:
    """Raise DeclarationError where a sentence, in any language, names what no SQL of the project
    does. entries: each list's definition, by code."""
    known = _words_of_sql(dbt_project)
    for code, entry in entries.items():
        for sentence in _sentences(entry):
            for fact in re.split("[{}]", shapes.text(sentence))[1::2]:
                match = FACT.fullmatch(fact)
                if match and match[1] not in known:
                    raise sentence.refuse(
                        f"{{{fact}}}: no SQL has a column {match[1]}; a place names a column of"
                        f" {code}.sql."
                    )


def _sentences(entry: Located) -> Iterator[Located]:
    for language in shapes.mapping(entry["words"]):
        for kind in SENTENCES:
            group = entry["words"][language].get(kind)
            if group is not None:
                yield from (group[name] for name in shapes.mapping(group))


def _words_of_sql(dbt_project: Path) -> set[str]:
    """All of both projects: what a list selects may have its name models before."""
    files = [
        file
        for folder in ("models", "macros")
        for file in own_project.files(dbt_project, f"{folder}/**/*.sql")
    ]
    return {word for file in files for word in WORD.findall(file.read_text(encoding="utf-8"))}
