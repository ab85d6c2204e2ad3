from __future__ import annotations

import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from regulars.project import campaign_rules, file_columns, list_definitions, variables
from regulars.project.bounds import Bounds
from regulars.project.list_words import fault_of, forms_of, shared_words
from regulars.project.located import DeclarationError
from regulars.settings import PROJECT

LISTS = Path("models/marts/campaigns")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what is declared, which a test may change."""
    copy = tmp_path / "dbt_project"
    for part in ("seeds", "models/marts/campaigns", "macros/campaigns"):
        shutil.copytree(PROJECT / "dbt_project" / part, copy / part)
    shutil.copy(PROJECT / "dbt_project" / "dbt_project.yml", copy)
    return copy


def change(project: Path, file: str, old: str, new: str) -> int:
    """Change one place of a file. Returns its line."""
    path = project / file
    text = path.read_text()
    assert text.count(old) == 1, f"{old} stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


def test_every_list_has_its_class() -> None:
    found = list_definitions.load(PROJECT / "dbt_project")
    classes = {d.list_code: d.list_class for d in found if d.list_class != "marketing"}
    assert classes == {
        "make_it_right": "service",
        "service_call": "service",
        "service_due": "service",
        "recycle": "service",
        "ad_audiences": "audience",
        "rest": "suppression",
    }
    assert len(found) - len(classes) == 14


def test_only_a_marketing_list_holds_anybody_out() -> None:
    definitions = list_definitions.for_dbt(PROJECT / "dbt_project").values()
    shares = {(d["definition"]["class"], d["definition"]["holdout_share"] > 0) for d in definitions}
    assert shares == {
        ("marketing", True),
        ("service", False),
        ("audience", False),
        ("suppression", False),
    }


@pytest.mark.parametrize(
    ("code", "old", "new", "message"),
    [
        (
            "save_our_best",
            "holdout_share: 0.10",
            "holdout_share: -1",
            "holdout_share is -1; it must lie between 0 and 0.5",
        ),
        ("save_our_best", "holdout_share: 0.10", "holdout_share: .nan", "holdout_share is nan"),
        (
            "save_our_best",
            "- name: save_our_best",
            "- name: ../../../evil",
            "'../../../evil' is no name of a list: use a-z, 0-9 and _.",
        ),
        ("save_our_best", "valid_days: 3", "valid_days: soon", "valid_days is 'soon', which is no"),
        ("save_our_best", "valid_days: 3", "valid_days: yes", "which is no number"),
        ("save_our_best", "valid_days: 3", "valid_days: 2.5", "it must be a whole number"),
        ("make_it_right", "capacity: 20", "capacity: 0", "it must lie between 1 and 10000000"),
        (
            "save_our_best",
            "class: marketing",
            "class: other",
            "class is 'other'; use one of marketing, service, audience, suppression",
        ),
        ("save_our_best", "cadence: nightly", "cadence: hourly", "use one of nightly, weekly"),
        ("save_our_best", "priority: 10", "priorty: 10", "'priorty' is none of version, class"),
        ("save_our_best", "share: 0.30", "share: 3", "share is 3; it must lie between 0 and 1"),
        ("save_our_best", "value: 0.20", "value: 20", "best_share is 20; it must lie between 0"),
        ("save_our_best", "min: 0, ", "", "best_share needs a value, and the min and max"),
        (
            "save_our_best",
            "cadence: nightly",
            "cadence: nightly\n          stops: marketing",
            ") stops no marketing; only what is owed does",
        ),
        (
            "make_it_right",
            "holdout_share: 0",
            "holdout_share: 0.1",
            "make_it_right.yml, line 15) has no hold-out; holdout_share must be 0",
        ),
        ("second_purchase", "priority: 20", "priority: 10", "priority 10 is that of save_our_best"),
        (
            "warranty_offer",
            "first_days: {value: 30",
            "first_days: {value: 100",
            "first_days is 100; it must not lie after last_days, which is 60",
        ),
        ("second_purchase", " en:\n", " nl:\n", "no words in the language 'en'"),
        ("second_purchase", "verb: contacts", "verb: 3", "verb is 3; it must be a text"),
        (
            "second_purchase",
            "{p_second:in_100} at",
            "{p_second:percent} at",
            "{p_second:percent}: a fact can be said as date, number, decimal",
        ),
        ("second_purchase", "{p_second:in_100} at", "{p_second at", "every { needs its }"),
        (
            "warranty_offer",
            "extensions within {outcome_window_days:days}",
            "extensions within {first_dys:days}",
            "success: {first_dys:days}: first_dys is none of first_days, last_days",
        ),
        (
            "warranty_offer",
            "who: owners of a machine whose warranty ends soon",
            'who: "owners of a machine whose warranty ends in {first_days} days"',
            "who has no places: regulars lists show it as it is written",
        ),
        (
            "warranty_offer",
            "purpose: The warranty ends soon.",
            "purpose: The warranty ends in {first_days} days.",
            "purpose has no places: audience tables show it as it is written",
        ),
        (
            "second_purchase",
            'data_type: "numeric(9,6)"',
            "data_type: float",
            "p_second: data_type is float; use text, integer",
        ),
        ("second_purchase", "name: p_second", "name: rank", "rank is a column of every list"),
        (
            "second_purchase",
            "description: Days since the first order.",
            "description: ''",
            "days_since_first: description is empty",
        ),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_file_and_line(
    project: Path, code: str, old: str, new: str, message: str
) -> None:
    line = change(project, f"{LISTS}/{code}.yml", old, new)
    with pytest.raises(DeclarationError, match=re.escape(message)) as refused:
        list_definitions.load(project)
    file, told = re.match(r"(\S+), line (\d+): ", str(refused.value)).groups()  # type: ignore[union-attr]
    assert file == f"dbt_project/{LISTS}/{code}.yml"
    assert abs(int(told) - line) <= 30


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (f"{LISTS}/save_our_best.yml", "holdout_share: 0.10", "holdout_share: 7"),
        (f"{LISTS}/make_it_right.yml", "cadence: nightly", "cadence: hourly"),
        (f"{LISTS}/make_it_right.yml", "value: 30", "value: 0"),
    ],
)
def test_the_line_is_that_of_the_value(project: Path, file: str, old: str, new: str) -> None:
    line = change(project, file, old, new)
    with pytest.raises(DeclarationError, match=f"{file}, line {line}: "):
        list_definitions.load(project)


def test_what_is_no_yaml_is_refused_with_its_line(project: Path) -> None:
    line = change(project, f"{LISTS}/save_our_best.yml", "valid_days: 3", "valid_days: [3")
    with pytest.raises(DeclarationError, match=r"save_our_best.yml, line \d+: no YAML") as refused:
        list_definitions.load(project)
    assert int(re.search(r"line (\d+)", str(refused.value))[1]) >= line  # type: ignore[index]


def test_no_words_about_a_list_repeat_a_number_that_its_owner_may_turn() -> None:
    repeated = [
        (code, language, said[name])
        for code, declared in list_definitions.for_dbt(PROJECT / "dbt_project").items()
        for language, said in declared["definition"]["words"].items()
        for name in ("who", "success")
        if re.search(r"\d", re.sub(r"{.*?}", "", said[name]))
    ]
    assert repeated == []


def test_a_list_without_its_model_is_refused(project: Path) -> None:
    (project / LISTS / "save_our_best.sql").unlink()
    with pytest.raises(DeclarationError, match=r"save_our_best.sql, the list's model, is missing"):
        list_definitions.load(project)


def test_a_list_defined_twice_is_refused(project: Path) -> None:
    folder = project / LISTS
    shutil.copy(folder / "save_our_best.yml", folder / "second.yml")
    with pytest.raises(DeclarationError, match=r"second.yml.* defined in .*save_our_best.yml"):
        list_definitions.load(project)


def test_a_list_that_is_switched_off_is_none(project: Path) -> None:
    change(
        project,
        f"{LISTS}/save_our_best.yml",
        "    config:\n",
        "    config:\n      enabled: false\n",
    )
    assert set(list_definitions.codes(PROJECT / "dbt_project")) - set(
        list_definitions.codes(project)
    ) == {"save_our_best"}


def test_a_language_without_words_is_refused(project: Path) -> None:
    change(project, "dbt_project.yml", "language: en ", "language: xx ")
    with pytest.raises(DeclarationError, match=r"language is 'xx'; use one of de, en"):
        list_definitions.load(project)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("contact_gap_days", "-1", r"campaign_rules.csv, line 2: contact_gap_days is -1"),
        ("smallest_offer", "", r"smallest_offer is empty"),
        ("contacts_in_window_max", "1.5", r"it must be a whole number"),
    ],
)
def test_a_rule_of_all_lists_outside_its_bounds_is_refused(
    project: Path, column: str, value: str, message: str
) -> None:
    path = project / "seeds" / "campaign_rules.csv"
    header, values = (line.split(",") for line in path.read_text().splitlines())
    values[header.index(column)] = value
    path.write_text("\n".join([",".join(header), ",".join(values)]))
    with pytest.raises(DeclarationError, match=message):
        campaign_rules.check(project)


def test_a_rule_without_a_declaration_is_refused(project: Path) -> None:
    path = project / "seeds" / "campaign_rules.csv"
    header, values = path.read_text().splitlines()
    path.write_text(f"{header},surprise\n{values},1\n")
    with pytest.raises(DeclarationError, match="surprise"):
        campaign_rules.check(project)


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("bought once", None),
        ("{days:days} ago, {n}", None),
        ("{days} and {", "every {"),
        ("} {days}", "every {"),
        ("{a {b}}", "every {"),
        ("{Days}", "is no fact"),
        ("{days:}", "is no fact"),
        ("{days:week}", "a fact can be said as"),
    ],
)
def test_a_sentence_has_whole_places_and_known_forms(sentence: str, fault: str | None) -> None:
    found = fault_of(sentence, ("days",))
    assert found is None if fault is None else fault in (found or "")


def test_shared_sentences_can_be_filled_in_in_every_language() -> None:
    dbt_project = PROJECT / "dbt_project"
    files = list((dbt_project / "macros/campaigns/words").glob("words_*.sql"))
    assert files
    for file in files:
        words = shared_words(dbt_project, file.stem.removeprefix("words_"))
        said = [s["sentence"] if isinstance(s, dict) else s for s in words["exclusions"].values()]
        said += [*words["movements"].values(), *words["value_reasons"].values()]
        assert [fault for s in said if (fault := fault_of(s, forms_of(words)))] == []


def test_every_reason_and_common_column_has_a_line_in_the_docs() -> None:
    explained = set(re.findall(r"`([a-z0-9_]+)`", (PROJECT / "docs" / "lists.md").read_text()))
    columns = file_columns.names(PROJECT / "dbt_project")
    assert not set(columns) - explained
    assert len(set(columns)) == len(columns) == 30
    reasons = shared_words(PROJECT / "dbt_project", "en")["exclusions"]
    assert not {code for code, said in reasons.items() if isinstance(said, dict)} - explained


def test_every_list_has_an_exposure_of_its_file_that_goes_with_the_list() -> None:
    product = PROJECT / "dbt_project"
    for definition in list_definitions.load(product):
        said = yaml.safe_load((product / LISTS / f"{definition.list_code}.yml").read_text())
        (exposure,) = said["exposures"]
        assert exposure["label"] == f"{definition.list_code}.csv"
        assert exposure["owner"] == {"name": definition.owner}
        assert exposure["depends_on"] == ["ref('list_file_rows')"]
        switch = f"{{{{ '{definition.list_code}' in var('lists') }}}}"
        assert exposure["config"] == {"enabled": switch}


def test_every_key_of_a_definition_has_a_line_in_the_docs() -> None:
    explained = set(re.findall(r"`([a-z0-9_]+)`", (PROJECT / "docs" / "lists.md").read_text()))
    keys = {*list_definitions.FIELDS, *list_definitions.OFFER, *list_definitions.PARTS}
    assert not keys - explained


def test_every_seed_column_is_described() -> None:
    dbt_project = PROJECT / "dbt_project"
    header = (dbt_project / "seeds" / "campaign_rules.csv").read_text().splitlines()[0]
    assert header.split(",") == list(campaign_rules._declared(dbt_project / "seeds/_seeds.yml"))


def test_tiers_and_states_are_those_of_dbt() -> None:
    dbt_project = PROJECT / "dbt_project"
    assert list(variables.tier_cuts(dbt_project).items())[-2:] == [("standard", 50), ("basic", 100)]
    assert variables.lifecycles(dbt_project)[:5] == (
        "active",
        "cooling",
        "at_risk",
        "highly_at_risk",
        "lost",
    )


def test_bounds_hold_at_both_ends() -> None:
    bounds = Bounds(Decimal(0), Decimal(1))
    assert [bounds.fault("x", v) for v in (0, 1, "0.5")] == [None, None, None]
    assert bounds.fault("x", "1.01") == "x is 1.01; it must lie between 0 and 1."
