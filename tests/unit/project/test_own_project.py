"""What a company's own project says goes before what the product says; the rest stays."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from regulars import own_project
from regulars.cli import cli
from regulars.engines.dbt_command import company_variables
from regulars.feeds import declarations
from regulars.feeds.wiring import wiring_faults
from regulars.project import (
    campaign_rules,
    list_definitions,
    list_settings,
    said_for_good,
    variable_bounds,
    variables,
)
from regulars.project.located import DeclarationError
from regulars.settings import PROJECT, Settings, SettingsError
from regulars.targets import declaration, destinations, places

PRODUCT = PROJECT / "dbt_project"
EXAMPLE = PROJECT / "tests" / "own_project" / "wheel_and_bell"


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """The example, in a folder of its own, with the product linked."""
    folder = tmp_path / "wheel_and_bell"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("var", own_project.PACKAGES))
    own_project.link_product(folder, PRODUCT)
    return folder


@pytest.fixture
def say(company: Path) -> Callable[[dict], None]:
    """say(content): more in the company's dbt_project.yml."""

    def saying(more: dict) -> None:
        file = company / own_project.PROJECT_FILE
        content = yaml.safe_load(file.read_text())
        for part, values in more.items():
            content[part] |= values
        file.write_text(yaml.safe_dump(content))

    return saying


def test_a_variable_of_the_company_goes_before_the_products(company: Path, say: Callable) -> None:
    say({"vars": {"tier_hold_days": 60, "regulars": {"language": "nl"}}})
    values = variables.variables(company)
    assert (values["tier_hold_days"], values["language"]) == (60, "nl")
    assert values["feed_lag_days"] == variables.variables(PRODUCT)["feed_lag_days"]


def test_systems_of_both_supply_their_entities(company: Path) -> None:
    entities = variables.variables(company)["system_entities"]
    assert {"till", "house", "olist"} <= entities.keys()


@pytest.mark.parametrize(
    ("system", "own"),
    [
        ("house", "staging/house/stg_house__permission_events.sql"),
        ("house", "permission/stg_house__permission_events.sql"),
        ("house", "staging/house/_house__sources.yml"),
        ("klaviyo", "staging/klaviyo/stg_klaviyo__permission_events.sql"),
    ],
)
def test_what_the_product_says_of_its_systems_words_holds_for_its_own_models_and_feeds(
    company: Path, say: Callable, system: str, own: str
) -> None:
    """Of its own system the company says it."""
    product = variables.variables(PRODUCT)["systems_that_say_for_good"]
    say({"vars": {"systems_that_say_for_good": [*product, "till"]}})
    assert said_for_good.systems(company) == [*product, "till"]
    file = company / "models" / own
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("")
    assert said_for_good.systems(company) == [n for n in [*product, "till"] if n != system]


def test_dbt_is_told_whose_words_are_kept(company: Path) -> None:
    (company / "models/staging/stg_desk__permission_events.sql").write_text("")
    told = company_variables(Settings.from_env({"REGULARS_PROJECT": str(company)}))
    kept = told["systems_that_say_for_good"]
    assert isinstance(kept, list)
    assert ("desk" in kept, "house" in kept) == (False, True)


def test_a_changed_threshold_keeps_its_bounds(company: Path) -> None:
    changed = list_definitions.for_dbt(company)["save_our_best"]["definition"]
    product = list_definitions.for_dbt(PRODUCT)["save_our_best"]["definition"]
    assert changed["thresholds"]["best_share"] == {"value": 0.10, "min": 0, "max": 1}
    assert changed["capacity"] == 40
    assert {**changed, "capacity": None, "thresholds": None} == {
        **product, "capacity": None, "thresholds": None
    }  # fmt: skip


def test_own_lists_stand_beside_the_products_and_switched_off_ones_do_not(company: Path) -> None:
    product, own = set(list_definitions.codes(PRODUCT)), set(list_definitions.codes(company))
    assert own - product == {"first_check"}
    assert product - own == {"recycle", "trade_in"}
    assert list_definitions.switched_off(company) == ["recycle", "trade_in"]


@pytest.mark.parametrize(
    ("setting", "refusal"),
    [
        ({"save_our_best": {"thresholds": {"best_share": 1.5}}}, "must lie between 0 and 1"),
        ({"save_our_best": {"thresholds": {"best": 0.1}}}, "has no threshold best; it has best_sh"),
        ({"save_our_best": {"thresholds": 3}}, "write thresholds as"),
        ({"save_our_best": {"holdout_share": 0.9}}, "must lie between 0 and 0.5"),
        ({"save_our_best": {"chanel": "email"}}, "'chanel' is none of"),
        ({"save_our_best": 3}, "write what is changed"),
        ({"first_check": {"thresholds": {"last_days": 6000}}}, "must lie between 60 and 365"),
        ({"recycle": {"capacity": 3}}, "no list that is switched on is called recycle"),
        ({"save_the_best": {"capacity": 3}}, "no list that is switched on is called save_the_b"),
    ],
)
def test_a_setting_nobody_should_type_is_refused_where_it_stands(
    company: Path, say: Callable, setting: dict, refusal: str
) -> None:
    say({"vars": {"list_settings": setting}})
    lines = (company / own_project.PROJECT_FILE).read_text().splitlines()
    with pytest.raises(DeclarationError, match=refusal) as told:
        list_definitions.check(company)
    place, line = str(told.value).split(":")[0].split(", line ")
    assert place == "wheel_and_bell/dbt_project.yml"
    assert any(word in lines[int(line) - 1] for word in [*setting, *str(setting).split("'")[1::2]])


def test_a_class_that_forbids_what_the_product_says_is_named_with_its_own_place(
    company: Path, say: Callable
) -> None:
    say({"vars": {"list_settings": {"save_our_best": {"class": "service"}}}})
    lines = (company / own_project.PROJECT_FILE).read_text().splitlines()
    (line,) = (place for place, text in enumerate(lines, 1) if "class: service" in text)
    with pytest.raises(DeclarationError) as told:
        list_definitions.check(company)
    assert f"(wheel_and_bell/dbt_project.yml, line {line}) has no hold-out" in str(told.value)


@pytest.mark.parametrize(
    ("written", "instead", "refusal"),
    [
        ("list_settings:", "list_setings:", "a variable list_setings; the product has list_sett"),
        ("language: en", "settle_day: 3", "a variable settle_day; the product has settle_days"),
        ("language: en", "regulars: {tier_hold: 9}", "tier_hold; the product has tier_hold_days"),
        ("language: en", "value_tiers: {vip: 3}", "value_tiers lacks gold, platinum, silver"),
        ("best_share: 0.10", "best_share: '0.10'", "write the number 0.10 without quotes"),
        ("{capacity: 40, ", "{capacity: '40', ", "write the number 40 without quotes"),
        ("{capacity: 40, ", "{words: {en: 3}, ", "en: '3' must be names with values"),
        ("{capacity: 40, ", "{words: {en: {reasons: 3}}, ", "reasons: '3' must be names with"),
        ("{capacity: 40, ", "{priority: 70, ", r"70 is that of .* \(\w+/.*, line \d+\)"),
        ("recycle: {+enabled", "recicle: {+enabled", "recicle is no list of the product's"),
        ("recycle: {+enabled", "list_members: {+enabled", "list_members is no list of the prod"),
        ("recycle: {+enabled: false}", "recycle: false", "recycle is 'False'; write {\\+enabled"),
        ("recycle: {+enabled: false}", "+enabled: false", "switch off one list at a time"),
    ],
)
def test_a_slip_of_the_hand_is_refused_where_it_stands(
    company: Path, written: str, instead: str, refusal: str
) -> None:
    _replace(company / own_project.PROJECT_FILE, written, instead)
    with pytest.raises(DeclarationError, match=refusal) as told:
        _check(company)
    place, line = re.search(
        r"(wheel_and_bell/dbt_project.yml), line (\d+)", str(told.value)
    ).groups()  # type: ignore[union-attr]
    assert (
        instead.split(": ")[0] in (company.parent / place).read_text().splitlines()[int(line) - 1]
    )


@pytest.mark.parametrize(
    ("written", "instead", "refusal"),
    [
        ("name: first_check", "name: win_back", "win_back is defined in .* Give yours another"),
        ("  - name: first_check\n    desc", "  - desc", "line 4: a list needs a name"),
        ("models:\n  - name", "models:\n    name", "line 3: models: .* must be a list"),
        ("    config:\n", "    config:\n      enabled: 'no'\n", "enabled: 'no' must be true or f"),
        ("        list:\n", "        list: 3\n        odd:\n", "list: '3' must be names with"),
        ("{value: 60, min: 14,", "{value: 60, min: soon,", "min of first_days is 'soon', which"),
        ("first_days: {", "First-Days: {", "'First-Days' is no name of a threshold"),
        ("{name: bought_on, data", "{data", "a column needs a name"),
        (
            "{days_since:days_ago}, and it",
            "{dais_since:days_ago}, and it",
            "no SQL has a column dai",
        ),
        (
            "the bicycle {days_since:days_ago}, and it was",
            "a bicycle, and it was",
            "the same for e",
        ),
    ],
)
def test_a_slip_of_the_hand_in_an_own_list_is_refused_with_its_line(
    company: Path, written: str, instead: str, refusal: str
) -> None:
    _replace(company / "models/marts/campaigns/first_check.yml", written, instead)
    with pytest.raises(DeclarationError, match=refusal) as told:
        _check(company)
    assert str(told.value).startswith("wheel_and_bell/models/marts/campaigns/first_check.yml, line")


@pytest.mark.parametrize(
    "place", ["marts/campaigns/first_check.yaml", "marts/shop/first_check.yml"]
)
def test_a_list_that_stands_elsewhere_is_refused_with_its_place(company: Path, place: str) -> None:
    moved = company / "models" / place
    moved.parent.mkdir(exist_ok=True)
    (company / "models/marts/campaigns/first_check.yml").rename(moved)
    said = "first_check says that it is a list; a list stands in models/marts/campaigns/first_ch"
    with pytest.raises(DeclarationError, match=rf"wheel_and_bell/models/{place}, line 4: {said}"):
        _check(company)


@pytest.mark.parametrize("file", ["spokes.sql", "spokes.yml", "spokes.yaml", "spokes.md"])
def test_a_variable_that_an_own_file_reads_is_its_own_affair(
    company: Path, say: Callable, file: str
) -> None:
    say({"vars": {"spoke_days": 40}})
    with pytest.raises(DeclarationError, match="nothing reads a variable spoke_days"):
        _check(company)
    own_folder = company / "models" / own_project.PRODUCT
    own_folder.mkdir()
    (own_folder / file).write_text("# {{ var('spoke_days') }} days")
    _check(company)
    say({"vars": {"calendar": {"week_begins": 1}}})
    with pytest.raises(DeclarationError, match="nothing reads a variable calendar"):
        _check(company)
    (company / own_project.PACKAGES / "calendar").mkdir()
    _check(company)


@pytest.mark.parametrize(
    ("written", "instead", "refusal"),
    [
        ("reporting_currency: EUR", "reporting_currency: 978", "reporting_currency is 978"),
        ("systems: [till]", "systems: 3", "systems is 3; it must be a list of names"),
        ("vars:\n", "vars: [1]\nold:\n", "vars must be names with values"),
    ],
)
def test_a_setting_of_another_type_is_refused_before_anything_else(
    company: Path, written: str, instead: str, refusal: str
) -> None:
    _replace(company / own_project.PROJECT_FILE, written, instead)
    with pytest.raises(SettingsError, match=rf"wheel_and_bell/dbt_project.yml: {refusal}"):
        Settings.from_env({"REGULARS_PROJECT": str(company)})


def _check(company: Path) -> None:
    """As a night does before its first step."""
    variable_bounds.check(company)
    list_definitions.check(company)


def _replace(file: Path, written: str, instead: str) -> None:
    text = file.read_text()
    assert written in text
    file.write_text(text.replace(written, instead, 1))


def test_a_list_is_switched_off_by_a_plain_false(company: Path, say: Callable) -> None:
    say({"models": {"regulars": {"marts": {"campaigns": {"rest": {"+enabled": "perhaps"}}}}}})
    with pytest.raises(DeclarationError, match=r"line \d+: \+enabled is 'perhaps'; use true or"):
        list_definitions.check(company)


def test_an_error_in_a_file_of_the_product_is_told_with_its_name(company: Path) -> None:
    (file,) = own_project.files(company, "targets/klaviyo.yml")
    assert own_project.layer_of(company, file) == PRODUCT


def test_own_destinations_replace_the_products_list_by_list(company: Path) -> None:
    lists = list_definitions.load(company)
    before = destinations.load(company, lists)
    (company / destinations.FILE).write_text("lists:\n  first_check:\n    - target: spreadsheet\n")
    after = destinations.load(company, lists)
    assert [one.target.code for one in after["first_check"]] == ["spreadsheet"]
    assert after["make_it_right"] == before["make_it_right"]


def test_own_deliveries_go_where_the_company_says(company: Path) -> None:
    (company / destinations.FILE).write_text(
        "deliveries:\n  machine: {folder: /srv/lists}\ntables: [first_check]\n"
    )
    found = places.load(company, list_definitions.load(company))
    assert found.files["machine"].folder == "/srv/lists"
    assert found.tables == ("first_check",)


def test_own_targets_and_rules_go_before_the_products(company: Path) -> None:
    (company / "targets").mkdir()
    text = (PRODUCT / "targets/spreadsheet.yml").read_text()
    (company / "targets/paper.yml").write_text(text)
    assert {"paper", "klaviyo"} <= declaration.load(company).keys()
    (company / "seeds").mkdir()
    rules = (PRODUCT / "seeds/campaign_rules.csv").read_text().replace("30,7,30", "30,900,30")
    (company / "seeds/campaign_rules.csv").write_text(rules)
    with pytest.raises(DeclarationError, match=r"wheel_and_bell/seeds.*contact_gap_days is 900"):
        campaign_rules.check(company)


def test_the_companys_feeds_are_read_and_wired(company: Path) -> None:
    settings = Settings.from_env({"REGULARS_PROJECT": str(company)})
    assert (settings.systems, settings.company_timezone) == (("till",), "Europe/Berlin")
    feeds = declarations.load(settings.dbt_project, settings.systems)
    assert [feed.name for feed in feeds] == ["till_members", "till_receipts", "till_goodbyes"]
    assert wiring_faults(settings) == []
    assert company_variables(settings)["systems"] == ["till"]


def test_the_environment_goes_before_the_project(company: Path) -> None:
    told = {"REGULARS_PROJECT": str(company), "REGULARS_TIMEZONE": "Europe/London"}
    settings = Settings.from_env(told)
    assert settings.company_timezone == "Europe/London"
    assert settings.home == company / "var"
    assert Settings.from_env(settings.to_env()) == Settings.from_env(settings.to_env() | told)


def test_another_product_is_another_link_and_no_other_file(company: Path, tmp_path: Path) -> None:
    other = tmp_path / "newer"
    other.mkdir()
    (other / own_project.PROJECT_FILE).write_text("name: regulars\nvars: {tier_hold_days: 9}\n")
    own_project.link_product(company, other)
    assert own_project.layers(company) == (company, other)
    assert variables.variables(company)["tier_hold_days"] == 9


def test_a_folder_without_a_project_is_refused_with_the_command_that_makes_one(
    tmp_path: Path,
) -> None:
    with pytest.raises(SettingsError, match="`regulars init "):
        Settings.from_env({"REGULARS_PROJECT": str(tmp_path)})


def test_init_makes_a_project_that_fits(tmp_path: Path) -> None:
    made = CliRunner().invoke(cli, ["init", str(tmp_path / "Our Shop")])
    assert made.exit_code == 0, made.output
    company = tmp_path / "Our Shop"
    settings = Settings.from_env({"REGULARS_PROJECT": str(company)})
    assert wiring_faults(settings) == []
    assert list_definitions.codes(company) == list_definitions.codes(PRODUCT)
    assert own_project.declared(company)["name"] == "our_shop"
    assert list_definitions.check(company) == list_definitions.check(PRODUCT)


def test_init_leaves_what_is_there_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    made = CliRunner().invoke(cli, ["init", str(tmp_path), "--name", "ours"])
    assert made.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("best_share=7", "^--set best_share=7: best_share is 7; it must lie between 0 and 1"),
        ("capacity=many", "^--set capacity=many: capacity is 'many', which is no number"),
        ("chanel=email", "^--set chanel=email: 'chanel' is none of"),
        ("offer.share=2", "^--set offer.share=2: share is 2; it must lie between 0 and 1"),
        ("capacity", "write a name and a value"),
        ("words.en.reasons.chance=x", "^--set words.en.reasons.chance=x: write the name of a thre"),
        ("offer.share.x=3", "^--set offer.share.x=3: write the name of a threshold"),
    ],
)
def test_a_typed_setting_has_the_bounds_of_a_written_one(typed: str, refusal: str) -> None:
    def load() -> None:
        change = list_settings.typed([typed], ["best_share"])
        list_definitions.load(PRODUCT, {"save_our_best": change})

    with pytest.raises(DeclarationError, match=refusal):
        load()


def test_a_typed_setting_changes_nothing_else() -> None:
    typed = ["best_share=0.05", "capacity=9", "offer.share=0.1"]
    change = {"save_our_best": list_settings.typed(typed, ["best_share"])}
    before, after = list_definitions.for_dbt(PRODUCT), list_definitions.for_dbt(PRODUCT, change)
    entry = after.pop("save_our_best")["definition"]
    assert entry["thresholds"]["best_share"] == {"value": 0.05, "min": 0, "max": 1}
    assert (entry["capacity"], entry["offer"]["share"]) == (9, 0.1)
    assert after == {code: one for code, one in before.items() if code != "save_our_best"}
