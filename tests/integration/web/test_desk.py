"""What people do at the desk, each as the role they logged in as."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from regulars import phrases, warehouse
from regulars.feeds.desk_records import hand_in
from regulars.gates.approvals import delivered_digest
from regulars.project import list_definitions
from regulars.warehouse.connect import url
from tests import changed_project
from tests.integration.sending.world import GENERATION, SENT, Published
from tests.integration.web.conftest import Browser, browser_of
from tests.page_texts import Texts
from tests.unit.lists.test_export import AS_OF

FORGED = (
    {"Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Host": "evil.example"},
)
CALLS = (
    "desk.record_call('x', 'make_it_right', 'k1', 'reached', 'f')",
    "desk.record_no('x', 'c1')",
    "desk.record_download('x', 7, 'second_purchase', 'klaviyo', 1, 0, '')",
    "desk.approve('x', 'lists', date '2026-03-15', 'why')",
    "decisions.approve('lists', date '2026-03-15', 'x', 'why')",
)
MAY = {
    "marketing": set(CALLS[:4]),
    "analyst": {CALLS[3]},
    "transformer": {CALLS[4]},
    "loader": set(),
    "eraser": set(),
}


def records(admin: psycopg.Connection) -> list[tuple]:
    return admin.execute(
        "select kind, login, said_by, customer_id, list_code, outcome, gate, target"
        " from decisions.desk_records order by record_id"
    ).fetchall()


def stop(admin: psycopg.Connection, gate: str, faults: int = 0) -> None:
    digest = "" if gate == "guards" else delivered_digest(admin, AS_OF)
    admin.execute(
        "insert into ops.gate_stops values (%s, %s, %s, %s, %s)",
        [AS_OF, gate, digest, [f"{gate} are odd"], faults],
    )


class TestLogIn:
    @pytest.mark.parametrize(
        ("role", "password"),
        [("marketing", "wrong"), ("marketing", ""), ("eraser", None), ("transformer", None)],
    )
    def test_only_marketing_and_the_analyst_come_in_with_the_warehouses_password(
        self, stranger: Browser, role: str, password: str | None
    ) -> None:
        assert stranger.log_in(role, password).status_code in (401, 422)
        assert stranger.client.get("/", follow_redirects=False).headers["location"] == "/login"

    def test_the_cookie_is_for_this_page_alone_and_changes_at_the_log_in(
        self, stranger: Browser
    ) -> None:
        stranger.client.get("/login")
        before = stranger.client.cookies["__Host-regulars"]
        said = stranger.log_in("marketing").headers["set-cookie"]
        for word in ("__Host-regulars=", "HttpOnly", "Secure", "SameSite=strict", "Path=/"):
            assert word in said
        assert before not in said
        stranger.client.cookies.clear()
        stranger.client.cookies["__Host-regulars"] = before
        assert stranger.client.get("/", follow_redirects=False).status_code == 303

    def test_who_logs_out_is_out_wherever_the_cookie_was_kept(self, marketing: Browser) -> None:
        kept = marketing.client.cookies["__Host-regulars"]
        assert marketing.send("/logout").status_code == 303
        marketing.client.cookies["__Host-regulars"] = kept
        assert marketing.client.get("/", follow_redirects=False).status_code == 303

    @pytest.mark.parametrize("path", ["/", "/trail", f"/lists/{SENT}", "/report/report.html"])
    def test_nobody_reads_without_logging_in(self, stranger: Browser, path: str) -> None:
        answer = stranger.client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")


class TestForms:
    @pytest.mark.parametrize("headers", FORGED, ids=lambda h: "-".join(h.values()))
    def test_what_another_page_sends_does_nothing(
        self, marketing: Browser, admin_of_desk: psycopg.Connection, headers: dict[str, str]
    ) -> None:
        fields = {"csrf": marketing.token(), "customer_id": "kate-1"}
        answer = marketing.client.post("/noes", data=fields, headers=headers)
        assert answer.status_code in (400, 403)
        assert records(admin_of_desk) == []

    def test_a_form_without_its_own_token_does_nothing(
        self, marketing: Browser, admin_of_desk: psycopg.Connection
    ) -> None:
        for fields in ({"csrf": "x"}, {}):
            answer = marketing.client.post("/noes", data={"customer_id": "kate-1", **fields})
            assert answer.status_code in (403, 422)
            assert "kate-1" not in answer.text
        assert records(admin_of_desk) == []

    def test_every_answer_forbids_scripts_frames_referrers_and_keeping(
        self, marketing: Browser
    ) -> None:
        for path in ("/", "/nowhere", "/style.css"):
            headers = marketing.client.get(path).headers
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "no-store"


class TestCallsAndNoes:
    def test_a_call_is_written_down_once_with_who_made_it_and_shown(
        self, marketing: Browser, admin_of_desk: psycopg.Connection
    ) -> None:
        path = "/lists/make_it_right"
        assert marketing.send(f"{path}/calls", customer_id="k1", outcome="reached").is_redirect
        assert records(admin_of_desk) == [
            ("call", "marketing", "Dana", "k1", "make_it_right", "reached", None, None)
        ]
        assert "<td>reached" in marketing.client.get(path).text

    def test_a_form_that_is_sent_again_writes_nothing_more(
        self, marketing: Browser, admin_of_desk: psycopg.Connection
    ) -> None:
        path = "/lists/make_it_right"
        shown = [
            re.search(r'name="form" value="([^"]+)"', marketing.client.get(path).text)
            for _ in range(2)
        ]
        forms = [form[1] for form in shown if form]
        for form, outcome in (
            (forms[0], "no_answer"),
            (forms[0], "no_answer"),
            (forms[1], "no_answer"),  # called again at four
            (forms[1], "reached"),
            (forms[1], "reached"),
        ):
            marketing.send(f"{path}/calls", customer_id="k1", outcome=outcome, form=form)
        first, again = (marketing.send("/noes", customer_id="c1").text for _ in range(2))
        assert first == again
        assert [row[5] for row in records(admin_of_desk)] == [
            "no_answer",
            "no_answer",
            "reached",
            None,
        ]

    @pytest.mark.parametrize(
        "said",
        [
            "desk.record_call('Dana', 'make_it_right', 'k1', 'no_answer', 'one form')",
            "desk.record_no('Dana', 'c1')",
        ],
    )
    def test_what_is_pressed_twice_at_once_is_written_down_once(
        self, desk_world: Published, admin_of_desk: psycopg.Connection, said: str
    ) -> None:
        call = f"select {said}".encode()
        address = url(desk_world.settings, "marketing")
        with psycopg.connect(address) as one, psycopg.connect(address) as other:
            one.read_only = other.read_only = False
            first = one.execute(call).fetchone()
            other.execute("set lock_timeout = '50ms'")
            other.commit()
            with pytest.raises(psycopg.errors.LockNotAvailable):  # waits for what one makes of it
                other.execute(call)
            other.rollback()
            one.commit()
            assert other.execute(call).fetchone() == first
        assert len(records(admin_of_desk)) == 1

    @pytest.mark.parametrize(("code", "who"), [("save_our_best", "h1"), ("make_it_right", "c1")])
    def test_nobody_is_noted_as_called_who_is_not_to_be_contacted(
        self, marketing: Browser, admin_of_desk: psycopg.Connection, code: str, who: str
    ) -> None:
        answer = marketing.send(f"/lists/{code}/calls", customer_id=who, outcome="reached")
        assert answer.status_code == 409
        assert "not to be contacted" in answer.text
        assert "Do not contact" in answer.text, "what they said on the telephone would be lost"
        assert records(admin_of_desk) == []

    @pytest.mark.parametrize("who", ["c1", "old-c1", "x2"])
    def test_a_no_is_written_down_of_any_account(
        self, marketing: Browser, admin_of_desk: psycopg.Connection, who: str
    ) -> None:
        assert "Written down" in marketing.send("/noes", customer_id=f" {who} ").text
        assert [row[3] for row in records(admin_of_desk)] == [who]

    def test_a_no_of_nobody_is_refused(
        self, marketing: Browser, admin_of_desk: psycopg.Connection
    ) -> None:
        assert marketing.send("/noes", customer_id="nobody").status_code == 409
        assert records(admin_of_desk) == []

    def test_what_was_written_down_is_handed_in_once_as_a_delivery_of_the_live_night(
        self, marketing: Browser, desk_world: Published
    ) -> None:
        settings = desk_world.settings
        marketing.send("/lists/make_it_right/calls", customer_id="k1", outcome="no_answer")
        marketing.send("/noes", customer_id="c1")
        assert (hand_in(settings), hand_in(settings)) == (1, 0)
        (file,) = (settings.landing / "desk" / AS_OF.isoformat()).glob("*.csv")
        with file.open(newline="") as stream:
            rows = [(row["kind"], row["customer_id"]) for row in csv.DictReader(stream)]
        assert rows == [("call", "k1"), ("no", "c1")]
        assert file.stat().st_mode & 0o077 == 0
        file.unlink()


class TestApproval:
    def test_marketing_lets_a_held_list_go_with_a_name_and_a_reason(
        self, marketing: Browser, admin_of_desk: psycopg.Connection
    ) -> None:
        stop(admin_of_desk, "lists")
        assert "lists are odd" in marketing.client.get("/").text
        answer = marketing.send("/approvals", gate="lists", as_of=AS_OF, reason="a sale")
        assert answer.status_code == 200
        assert admin_of_desk.execute(
            "select gate, approved_by, reason, input_digest from decisions.approvals"
        ).fetchall() == [("lists", "Dana", "a sale", delivered_digest(admin_of_desk, AS_OF))]
        assert records(admin_of_desk) == [
            ("approval", "marketing", "Dana", None, None, None, "lists", None)
        ]

    @pytest.mark.parametrize("gate", ["scores", "raw"])
    def test_a_gate_of_numbers_is_the_analysts(
        self, marketing: Browser, admin_of_desk: psycopg.Connection, gate: str
    ) -> None:
        stop(admin_of_desk, gate)
        said = {"gate": gate, "as_of": AS_OF, "reason": "a sale"}
        assert marketing.send("/approvals", **said).status_code == 409
        marketing.send("/logout")
        marketing.log_in("analyst")
        assert marketing.send("/approvals", **said).status_code == 200

    @pytest.mark.parametrize("reason", ["", "   "])
    def test_without_a_reason_nothing_is_approved(
        self, marketing: Browser, admin_of_desk: psycopg.Connection, reason: str
    ) -> None:
        stop(admin_of_desk, "lists")
        answer = marketing.send("/approvals", gate="lists", as_of=AS_OF, reason=reason)
        assert answer.status_code in (409, 422)
        assert records(admin_of_desk) == []

    def test_a_fault_is_nobodys_to_approve(
        self, marketing: Browser, admin_of_desk: psycopg.Connection
    ) -> None:
        stop(admin_of_desk, "lists", faults=1)
        assert "nobody can approve it" in marketing.client.get("/").text
        answer = marketing.send("/approvals", gate="lists", as_of=AS_OF, reason="please")
        assert "on a fault, which nobody can approve" in answer.text
        assert records(admin_of_desk) == []


class TestDownloads:
    PATH = f"/lists/{SENT}/files/klaviyo"

    def test_a_download_is_the_published_file_and_is_logged(
        self, marketing: Browser, admin_of_desk: psycopg.Connection, desk_world: Published
    ) -> None:
        answer = marketing.send(self.PATH)
        assert answer.content == desk_world.files_of("klaviyo")[0].read_bytes()
        assert f'filename="{SENT}.csv"' in answer.headers["content-disposition"]
        assert records(admin_of_desk) == [
            ("download", "marketing", "Dana", None, SENT, None, None, "klaviyo")
        ]

    def test_who_said_no_since_is_not_in_it_and_its_manifest_names_the_generation(
        self, marketing: Browser, desk_world: Published
    ) -> None:
        before = desk_world.untouched()
        desk_world.says_no("c1")
        whole = list(csv.reader(io.StringIO(desk_world.files_of("klaviyo")[0].read_text())))
        fewer = list(csv.reader(io.StringIO(marketing.send(self.PATH).text)))
        manifest = json.loads(marketing.send(self.PATH, part="manifest").content)
        assert len(fewer) == len(whole) - 1
        assert all("c1@example.com" not in row for row in fewer)
        assert (manifest["generation"], manifest["left_out"]) == (GENERATION, 1)
        assert desk_world.untouched() == before

    def test_nothing_of_it_stays_on_the_disk(
        self, marketing: Browser, desk_world: Published
    ) -> None:
        marketing.send(self.PATH)
        assert not any((desk_world.settings.home / "deliveries").rglob("*.csv"))

    def test_the_analyst_downloads_nothing(
        self, analyst: Browser, admin_of_desk: psycopg.Connection
    ) -> None:
        answer = analyst.send(self.PATH)
        assert answer.status_code == 409
        assert "may not do that" in answer.text
        assert "@example.com" not in answer.text
        assert records(admin_of_desk) == []

    @pytest.mark.parametrize(
        "path", ["/report/lists/machine/second_purchase.csv", "/report/lists/manifest.json"]
    )
    def test_a_published_file_is_not_served_as_it_lies_there(
        self, marketing: Browser, path: str
    ) -> None:
        assert marketing.client.get(path, follow_redirects=False).status_code == 303

    @pytest.mark.parametrize("path", ["/report/..%2f..%2fcompany_name", "/report/%2e%2e/x"])
    def test_nothing_outside_the_generation_is_served(self, marketing: Browser, path: str) -> None:
        assert marketing.client.get(path).status_code == 404


class TestWhy:
    @pytest.mark.parametrize(
        ("who", "verdict", "why"),
        [
            ("c1", "on it", "a reason"),
            ("h1", "held out", "bought often"),
            ("x1", "left out", "no consent"),
            ("x2", "does not qualify", "nothing to win back"),
        ],
    )
    @pytest.mark.parametrize("role", ["marketing", "analyst"])
    def test_each_role_is_told_why_somebody_is_on_a_list_or_not(
        self, stranger: Browser, role: str, who: str, verdict: str, why: str
    ) -> None:
        stranger.log_in(role)
        page = stranger.send("/why", customer_id=who).text
        assert f"<td>{verdict}</td><td>{why}</td>" in page

    def test_markup_in_an_id_stays_words(self, marketing: Browser) -> None:
        assert "<script" not in marketing.send("/why", customer_id="<script>alert(1)").text


class TestRights:
    @pytest.mark.parametrize("role", sorted(MAY))
    def test_each_function_is_for_the_roles_it_is_granted_to(
        self, desk_world: Published, admin_of_desk: psycopg.Connection, role: str
    ) -> None:
        may = set()
        with warehouse.connect(desk_world.settings, role) as connection:
            connection.read_only = False
            for call in CALLS:
                try:
                    connection.execute(f"select {call}".encode())
                    may.add(call)
                except psycopg.errors.InsufficientPrivilege:
                    pass
                except psycopg.errors.RaiseException:
                    may.add(call)  # let in, and told that there is nothing to do
                connection.rollback()
        assert may == MAY[role]

    @pytest.mark.parametrize(
        "call",
        [
            "desk.record_no(repeat('x', 3000), 'c1')",
            "desk.record_download('x', 7, 'second_purchase', repeat('x', 3000), 1, 0, '')",
            "desk.approve('x', 'lists', date '2026-03-15', repeat('x', 5000))",
        ],
    )
    def test_nobody_fills_the_disk_with_what_they_write_down(
        self, desk_world: Published, admin_of_desk: psycopg.Connection, call: str
    ) -> None:
        stop(admin_of_desk, "lists")
        with warehouse.connect(desk_world.settings, "marketing") as connection:
            connection.read_only = False
            with pytest.raises(
                (psycopg.errors.CheckViolation, psycopg.errors.RaiseException),
                match=r"desk_records_are_short|at most 4000",
            ):
                connection.execute(f"select {call}".encode())

    @pytest.mark.parametrize("role", ["marketing", "analyst", "transformer"])
    def test_nobody_writes_the_log_by_hand_or_changes_it(
        self, desk_world: Published, role: str
    ) -> None:
        for statement in (
            "insert into decisions.desk_records (generation, as_of, kind, login, said_by)"
            " values (1, '2026-01-01', 'download', 'x', 'x')",
            "update decisions.desk_records set said_by = 'x'",
            "delete from decisions.desk_records",
        ):
            with warehouse.connect(desk_world.settings, role) as connection:
                connection.read_only = False
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())


@pytest.mark.parametrize("path", ["/report/%00", f"/report/{'a' * 5000}", "/lists/%00"])
def test_an_address_that_no_file_can_have_is_no_page(marketing: Browser, path: str) -> None:
    assert marketing.client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/why", {"customer_id": "kate-1\0"}),
        ("/noes", {"customer_id": "\0"}),
        ("/approvals", {"gate": "lists", "as_of": AS_OF, "reason": "a\0sale"}),
        ("/lists/make_it_right/calls", {"customer_id": "kate-1\0", "outcome": "reached"}),
        *(
            ("/why", {"customer_id": f"kate-1{odd}"})
            for odd in ("\x85", "\x9b2J", "\u061c", "\u200e", "\u200f", "\u2029", "\u2066")
        ),
    ],
)
def test_what_the_log_cannot_hold_or_turns_the_reading_order_is_refused(
    marketing: Browser, admin_of_desk: psycopg.Connection, path: str, fields: dict[str, object]
) -> None:
    answer = marketing.send(path, **fields)
    assert answer.status_code == 422
    assert "kate-1" not in answer.text
    assert records(admin_of_desk) == []


def test_a_name_that_the_log_cannot_hold_does_not_log_in(stranger: Browser) -> None:
    assert stranger.log_in("marketing", name="Da\0na").status_code == 422


def test_no_id_stands_in_an_address_or_a_log(
    marketing: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        asked = [
            marketing.send("/why", customer_id="c1"),
            marketing.send("/noes", customer_id="c1"),
            marketing.send("/lists/make_it_right/calls", customer_id="k1", outcome="reached"),
        ]
    for answer in asked:
        assert "c1" not in str(answer.request.url)
        assert "k1" not in answer.headers.get("location", "")
    assert not [r for r in caplog.records if "c1" in r.getMessage().split()]


def test_a_german_company_has_a_german_desk(desk_world: Published, tmp_path: Path) -> None:
    """Its answers too, and what the warehouse refuses."""
    project = changed_project.with_line(tmp_path, "\n  language: en", "\n  language: de")
    german = browser_of(replace(desk_world.settings, project=project))
    assert "Das Warehouse kennt diese Anmeldung nicht." in german.log_in("marketing", "wrong").text
    assert german.log_in("marketing").status_code == 303
    english = {one["en"] for one in phrases.catalogue() if one["en"] != one["de"]}
    for path in ("/", f"/lists/{SENT}", "/lists/make_it_right", "/trail", "/nowhere"):
        page = german.client.get(path).text
        assert '<html lang="de">' in page
        assert Texts(page).said & english == set(), path
    told = german.send("/noes", customer_id="nobody")
    assert "Diesen Kunden gibt es in den veröffentlichten Tabellen nicht." in told.text


def test_today_begins_with_whom_to_contact_in_the_order_in_which_it_matters(
    marketing: Browser, desk_world: Published
) -> None:
    definitions = list_definitions.load(desk_world.settings.dbt_project)
    priority = {one.list_code: one.priority for one in definitions}
    shown = re.findall(r'href="/lists/(\w+)"', marketing.client.get("/").text)
    busy, idle = shown[:4], shown[4:]
    assert busy == ["make_it_right", "save_our_best", "second_purchase", "ad_audiences"]
    assert [priority[code] for code in busy] == sorted(priority[code] for code in busy)
    assert [priority[code] for code in idle] == sorted(priority[code] for code in idle)
    assert set(shown) == set(priority)
