"""The page as a whole: what it must never hold, and what it must survive."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from regulars.report.report_page import render, write_page
from regulars.report.sections import (
    Cohort,
    CohortMonth,
    Cohorts,
    Deliveries,
    Gate,
    ModelCheck,
    Movement,
    Reason,
    Refusal,
    Relationships,
    Report,
    TierTotal,
    TonightsList,
    Value,
    ValueBin,
)
from tests.unit.report import made_up_nights as made_up

VOID = {"meta", "br", "link", "img", "hr", "input"}
SVG_NAMESPACE = "http://www.w3.org/2000/svg"


class Outline(HTMLParser):
    """Collects tags, ids, links and headings; remembers every tag closed out of turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.captions_missing = 0
        self._awaits_caption = False

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append(tag)
        if self._awaits_caption and tag != "caption":
            self.captions_missing += 1
        self._awaits_caption = tag == "table"
        if attributes.get("id"):
            self.ids.append(attributes["id"])
        self.links += [attributes[name] for name in ("href", "src") if attributes.get(name)]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def outline(page: str) -> Outline:
    parsed = Outline()
    parsed.feed(page)
    parsed.close()
    return parsed


EMPTY = Report(edition=made_up.edition(generation=None, previous_as_of=None))
NIGHTS = {
    "a full night": made_up.report(),
    "an empty company": EMPTY,
    "a first night": made_up.report(
        edition=made_up.edition(previous_as_of=None),
        lists=tuple(replace(one, movement=None) for one in made_up.lists()),
    ),
    "a night without backtest": made_up.report(
        model=made_up.model(
            model=None,
            choice=None,
            verdict=None,
            by_frequency=(),
            by_week=(),
            deciles=(),
            pit=(),
            sales_pit=(),
            errors=(),
            origins=(),
        )
    ),
    "a night of losses": made_up.report(
        value=Value(
            bins=(ValueBin(None, Decimal(0), 3),),
            tiers=(TierTotal("basic", 3, Decimal(-90), Decimal(-120), Decimal(0)),),
            concentration=(Decimal(-10), Decimal(-40), Decimal(-90)),
        )
    ),
    "a night with one customer": made_up.report(
        value=Value(
            bins=(ValueBin(Decimal(10), Decimal(20), 1),),
            tiers=(TierTotal("platinum", 1, Decimal(12), Decimal(20), Decimal(1)),),
            concentration=(Decimal(12),),
        ),
        relationships=Relationships({"trial": 1}),
        cohorts=(Cohorts("first", (Cohort(date(2026, 10, 1), 1, (CohortMonth(0, 1, False),)),)),),
    ),
}


@pytest.mark.parametrize("night", NIGHTS.values(), ids=NIGHTS.keys())
class TestEveryNight:
    def test_is_well_formed_with_every_tag_closed_in_turn(self, night):
        parsed = outline(render(night))
        assert parsed.faults == []
        assert parsed.open == []

    def test_asks_nothing_of_the_network(self, night):
        page = render(night)
        assert re.findall(r"(?:https?:)?//[\w.]+", page.replace(SVG_NAMESPACE, "")) == []
        assert "@import" not in page
        assert "url(" not in page
        assert "<script" not in page

    def test_links_lead_to_the_page_itself_or_into_its_generation(self, night):
        parsed = outline(render(night))
        for link in parsed.links:
            if link.startswith("#"):
                assert link[1:] in parsed.ids
            else:
                assert re.fullmatch(
                    r"(lists/\w+\.csv|pages/\w+\.html|data_docs/\w+/index\.html|dbt_docs\.html)",
                    link,
                )

    def test_gives_every_id_once(self, night):
        ids = outline(render(night)).ids
        assert len(ids) == len(set(ids))

    def test_captions_every_table(self, night):
        assert outline(render(night)).captions_missing == 0

    def test_titles_every_drawing(self, night):
        page = render(night)
        drawings = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
        assert all(re.search(r"<title id=[^>]+>[^<]+</title>", drawing) for drawing in drawings)

    def test_is_the_same_bytes_again(self, night):
        assert render(night) == render(night)

    def test_never_prints_a_python_value(self, night):
        words = re.sub(r"<[^>]+>", " ", render(night).split("</style>")[1])
        assert not re.search(r"\b(None|True|False|Decimal|nan|inf|Undefined)\b", words)


class TestFullNight:
    def test_draws_all_charts(self):
        # histogram, concentration, second purchase; tracking, tenths, by frequency, the laws
        # of purchases and of money; a strip per list
        assert render(made_up.report()).count("<svg") == 8 + len(made_up.lists())

    def test_every_list_is_one_click_from_its_file(self):
        links = outline(render(made_up.report())).links
        assert [link for link in links if link.startswith("lists/")] == [
            f"lists/{one.code}.csv" for one in made_up.lists()
        ]

    def test_says_company_date_generation_and_run_first(self):
        head = render(made_up.report()).split("</header>")[0]
        for words in ("Kettle &amp; Crane", "Saturday 31 October 2026", ">12<", "8c1f20aa"):
            assert words in head

    def test_the_total_stands_with_its_range_where_there_is_one(self):
        said = "eight times in ten it will be between €98,310 and €208,950"
        unsure = made_up.report(value=replace(made_up.value(), total_range=None))
        assert said in render(made_up.report())
        assert "eight times in ten" not in render(unsure)

    def test_who_is_expected_soon_is_said_where_anybody_has_a_rhythm(self):
        said = (
            "312 customers buy with a rhythm and are likelier than not to order within a year; 57"
        )
        memoryless = replace(made_up.relationships(), next_orders=None)
        assert said in render(made_up.report())
        assert "with a rhythm and" not in render(made_up.report(relationships=memoryless))

    def test_headings_never_skip_a_level(self):
        levels = [
            int(tag[1])
            for tag in outline(render(made_up.report())).tags
            if re.fullmatch(r"h[1-6]", tag)
        ]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels))

    def test_immature_cells_are_hatched_and_mature_ones_are_not(self):
        page = render(made_up.report(cohorts=(made_up.cohorts("first", months=6),)))
        young = len(re.findall(r'class="c[^"]* young"', page))
        cells = [m for c in made_up.cohorts("first", months=6).cohorts for m in c.months[1:]]
        assert young == sum(not cell.is_mature for cell in cells)
        assert 0 < young < len(cells)

    def test_each_cohort_says_what_it_cost_and_when_that_was_paid_back(self):
        page = render(made_up.report())
        section = page[page.index('id="cohorts"') :]
        rows = re.findall(r'<tr><th scope="row">(\w+ 2026)</th>(.*?)</tr>', section, flags=re.S)
        cells = {month: re.findall(r"<td[^>]*>(.*?)</td>", row) for month, row in rows}
        assert cells["Jun 2026"] == ["100", "€900", "€9.00", "€1,200", "35%", "within a month"]
        assert [cells[f"{month} 2026"][-1] for month in ("Jul", "Aug", "Sep", "Oct")] == [
            "after 1 month",
            "after 5 months",
            "not yet",
            "not known",
        ]
        assert cells["Oct 2026"][1:3] == ["not told", ""]

    def test_without_any_spend_no_cohort_is_said_to_be_paid_back(self):
        untold = tuple(replace(one, cost=None, after_months=None) for one in made_up.paybacks())
        page = render(made_up.report(paybacks=untold))
        assert "No marketing spend was delivered" in page
        assert "Paid back" not in page

    def test_held_out_people_are_counted_among_those_left_out(self):
        page = render(made_up.report(exclusions=()))
        assert page.count("held out, to measure the effect") == 2

    def test_a_service_list_promises_no_hold_out(self):
        page = render(made_up.report(lists=made_up.lists()[:1]))
        assert "it is owed to each of them" in page


class TestForeignWords:
    NASTY = '<script>alert("1")</script>'

    def test_markup_in_a_company_name_stays_words(self):
        page = render(made_up.report(edition=made_up.edition(company=self.NASTY)))
        assert "<script" not in page
        assert "&lt;script&gt;" in page

    def test_markup_in_reasons_rules_and_columns_stays_words(self):
        odd = TonightsList("odd_list", "marketing", "Odd list", 5, reasons=(Reason(self.NASTY, 5),))
        refused = Deliveries(refusals=(Refusal("orders", made_up.AS_OF, self.NASTY),))
        assert "<script" not in render(made_up.report(lists=(odd,), deliveries=refused))

    def test_an_address_in_a_refusal_is_taken_out(self):
        refused = Deliveries(
            refusals=(Refusal("orders", made_up.AS_OF, "line 3 holds dana.crane@example.com"),)
        )
        page = render(made_up.report(deliveries=refused))
        assert "example.com" not in page
        assert "[address removed]" in page

    def test_a_list_that_says_only_its_name_still_gets_a_card(self):
        page = render(made_up.report(lists=(TonightsList("win_back", "marketing", "Win back", 7),)))
        assert "Win back" in page
        assert "lists/win_back.csv" in page


class TestWhatIsMissing:
    def test_an_empty_company_has_nothing_to_send_and_says_why_each_part_is_blank(self):
        page = render(EMPTY)
        for words in (
            "Nothing to send tonight",
            "Nobody has bought yet",
            "No cohort has begun",
            "No backtest tonight",
            "Nothing has been delivered",
        ):
            assert words in page
        assert "<svg" not in page

    def test_shares_of_a_total_loss_are_not_drawn(self):
        page = render(NIGHTS["a night of losses"])
        assert "shares of it mean nothing" in page
        assert "value-concentration" not in page

    def test_older_cohorts_that_do_not_fit_are_said_to_be_left_away(self):
        some = replace(made_up.cohorts("first", months=3), cut_off=1176)
        assert "1,176 older cohorts not shown" in render(made_up.report(cohorts=(some,)))

    def test_a_fit_with_warnings_says_so_on_the_first_screen(self):
        weak = replace(made_up.model().runs[0], warnings=("alpha lies at its bound",))
        page = render(made_up.report(model=ModelCheck(runs=(weak,))))
        first_screen = page.split('id="left-out"')[0]
        assert "MBG/NBD: alpha lies at its bound" in first_screen

    def test_gates_without_a_record_withhold_the_word_safe(self):
        gates = (Gate("raw", "passed"), Gate("scores", "passed"), Gate("lists", "not_run"))
        page = render(made_up.report(gates=gates))
        assert "Do not send yet." in page
        assert "Safe to send" not in page

    def test_what_was_set_aside_tonight_is_named_on_the_first_screen(self):
        first_screen = render(made_up.report()).split('id="left-out"')[0]
        assert "1 row of orders, impossible date; 2 rows of order_lines, wrong type" in first_screen

    def test_movement_of_nobody_draws_an_empty_strip(self):
        none = Movement(0, 0, 0)
        still = TonightsList("save_our_best", "marketing", "Save our best", 0, movement=none)
        assert "0 entered, 0 stayed, 0 left" in render(made_up.report(lists=(still,)))


class TestFile:
    def test_lands_whole_and_leaves_no_temporary_file(self, tmp_path: Path):
        path = write_page(made_up.report(), tmp_path / "generation")
        assert path == tmp_path / "generation" / "report.html"
        assert [file.name for file in path.parent.iterdir()] == ["report.html"]
        assert path.read_text(encoding="utf-8") == render(made_up.report())

    def test_a_page_that_cannot_be_made_leaves_the_old_one(self, tmp_path: Path):
        write_page(made_up.report(), tmp_path)
        before = (tmp_path / "report.html").read_bytes()
        broken = made_up.report(value=replace(made_up.value(), concentration=("not money",)))
        with pytest.raises(TypeError):
            write_page(broken, tmp_path)
        assert (tmp_path / "report.html").read_bytes() == before

    def test_a_page_of_many_cohorts_stays_light(self, tmp_path: Path):
        assert write_page(made_up.report(), tmp_path).stat().st_size < 200_000


@pytest.mark.parametrize("lists", [made_up.lists(), ()], ids=["lists", "no-lists"])
def test_a_first_night_is_compared_with_nothing_and_a_later_one_with_its_day(lists: tuple) -> None:
    still = tuple(replace(each, movement=None) for each in lists)
    first = render(made_up.report(edition=made_up.edition(previous_as_of=None), lists=still))
    later = render(made_up.report(lists=lists))
    assert "first published night" in first
    assert "nothing: first night" in first
    assert "as on" not in first
    assert "first published night" not in later
    assert "first night" not in later
