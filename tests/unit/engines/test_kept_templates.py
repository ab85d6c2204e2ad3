from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dbt_common.clients.jinja import MacroFuzzEnvironment, get_template
from jinja2 import Environment

from regulars.engines import kept_templates


@pytest.fixture
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The texts that Jinja itself has compiled, while templates are kept in an empty folder."""
    texts: list[str] = []
    own = Environment.compile

    def noted(environment: Environment, source: str, *more: object) -> object:
        texts.append(source)
        return own(environment, source, *more)  # type: ignore[call-overload]

    monkeypatch.setattr(Environment, "compile", noted)
    before = MacroFuzzEnvironment.__dict__.get("compile")
    kept_templates.keep(tmp_path)
    yield texts
    if before is None:
        del MacroFuzzEnvironment.compile
    else:
        MacroFuzzEnvironment.compile = before  # type: ignore[method-assign]


def test_a_template_is_compiled_once_for_all_processes(compiled: list[str], tmp_path: Path) -> None:
    text = "{% for name in names %}{{ name }} {% endfor %}"
    first = get_template(text, {}).render({"names": ["a", "b"]})
    kept_templates.keep(tmp_path)  # as another process does
    assert get_template(text, {}).render({"names": ["a", "b"]}) == first == "a b "
    assert compiled == [text]


def test_a_changed_template_is_another(compiled: list[str]) -> None:
    assert [get_template(text, {}).render({}) for text in ("{{ 1 }}", "{{ 2 }}")] == ["1", "2"]
    assert compiled == ["{{ 1 }}", "{{ 2 }}"]


def test_a_native_template_is_no_text(compiled: list[str]) -> None:
    kinds = [
        get_template("{{ 1 | as_native }}", {}, native=native).render({})
        for native in (False, True)
    ]
    assert kinds == ["1", 1]


@pytest.mark.parametrize("rest", [b"", b"\0"], ids=["cut", "empty from there"])
def test_a_file_that_a_loss_of_power_has_spoilt_is_compiled_again(
    compiled: list[str], tmp_path: Path, rest: bytes
) -> None:
    get_template("{{ 3 }}", {})
    (file,) = (tmp_path / kept_templates.FOLDER).iterdir()
    whole = file.read_bytes()
    for length in range(0, len(whole), 9):
        file.write_bytes(whole[:length] + rest * (len(whole) - length))
        assert get_template("{{ 3 }}", {}).render({}) == "3"
