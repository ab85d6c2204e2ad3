"""Facts of the lists about people's cases and machines."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.integration.sentences.facts import Asked, Told, facts_of
from tests.integration.sentences.marts import ZONE, Marts, Row, half_up, local_date, months_later

FAULTS = ("repair", "warranty_claim")
TRADE_IN_SHARES = {
    "espresso_machines": ("0.40", "0.32", "0.25", "0.18", "0.12", "0.06"),
    "grinders": ("0.35", "0.28", "0.20", "0.12", "0.06"),
    "kettles": ("0",),
}  # as dbt_project.yml has them
BAD = 2  # a score at or below it
LOOK_BACK_DAYS = 30


@facts_of("make_it_right")
def _make_it_right(asked: Asked) -> Told:
    for who, cases in asked.marts.of_people("marts.fct_service_cases").items():
        for case in cases:
            others = sorted(
                (c["case_id"] for c in cases if c is not case and _is_trouble(asked, c, cases)),
                key=str.encode,
            )
            yield (
                who,
                {
                    **case,
                    **_promise(asked.marts, case),
                    "days_waiting": asked.marts.ago(local_date(case["resolved_at"])),
                    "other_cases": ", ".join(others),
                    "other_cases_count": len(others),
                    "preferred_channel": asked.marts.person("marts.dim_customers")[who][
                        "preferred_channel"
                    ],
                    "closed_without_answer": case["first_reply_minutes"] is None,
                    "not_put_right": not _is_put_right(asked, case),
                },
            )


def _promise(marts: Marts, case: Row) -> Row:
    """What is told of a broken promise beside the reply: of the delivery, the repair, the call."""
    kind, row = next(iter(_broken_promises(marts, case).items()), (None, {}))
    due_on = local_date(row["due_at"]) if kind else None
    orders = {order["order_id"]: order for order in marts.rows("marts.fct_orders")}
    return {
        "promise_kind": kind,
        "promised_on": due_on - timedelta(days=kind == "delivery") if due_on else None,
        "late_minutes": (minutes := row.get("late_minutes")),
        "days_late": None if minutes is None else minutes // 1440,
        "ordered_on": orders.get(case["order_id"], {}).get("ordered_on"),
        "not_called_back": kind == "call_back",
        "repaired_late": kind == "repair",
        "not_repaired": kind == "repair" and row["late_minutes"] is None,
        "delivered_late": kind == "delivery",
        "not_delivered": kind == "delivery" and row["late_minutes"] is None,
    }


def _broken_promises(marts: Marts, case: Row) -> dict[str, Row]:
    """By kind, the one that is told first in front."""
    found = {}
    for row in marts.of_people("marts.fct_promises").get(case["customer_id"], []):
        if not row["is_broken"] or row["fault_of"] == "customer":
            continue
        if row["kind"] == "delivery":
            waited = (case["opened_on"] - local_date(row["due_at"])).days
            is_of_case = row["order_id"] == case["order_id"] and waited <= LOOK_BACK_DAYS
        else:
            is_of_case = row["case_id"] == case["case_id"]
        if is_of_case:
            found[row["kind"]] = row
    return {kind: found[kind] for kind in ("delivery", "repair", "call_back") if kind in found}


def _is_put_right(asked: Asked, case: Row) -> bool:
    return case["resolved_at"] is not None and any(
        row["list_code"] == asked.code
        and row["outcome"] != "bounced"
        and _is_surely_after(row["sent_at"], case["resolved_at"])
        for row in asked.marts.of_people("marts.fct_campaign_contacts").get(case["customer_id"], [])
    )


def _is_surely_after(instant: datetime, earlier: datetime) -> bool:
    """A midnight may be any time of its day."""
    day, earlier_day = local_date(instant), local_date(earlier)
    is_timed = earlier.astimezone(ZoneInfo(ZONE)).time() != time()
    return bool(day and earlier_day and day > earlier_day) or (is_timed and instant > earlier)


def _is_trouble(asked: Asked, case: Row, cases: list[Row]) -> bool:
    """Whether it is open, or went wrong lately and was not put right."""
    carried_on = [c for c in cases if c["case_id"] == case["merged_into_case_id"]]
    is_open = case["is_open"] or any(c["is_open"] for c in carried_on)
    if is_open or case["resolved_at"] is None:
        return case["merged_into_case_id"] is None
    is_bad = case["csat"] is not None and case["csat"] <= BAD
    is_good = case["csat"] is not None and case["csat"] >= asked.thresholds["good_score"]
    days = asked.marts.ago(local_date(case["resolved_at"]))
    return (
        (case["is_breach"] or is_bad or bool(_broken_promises(asked.marts, case)))
        and days <= asked.thresholds["look_back_days"]
        and not is_good
        and not _is_put_right(asked, case)
    )


@facts_of("service_call")
def _service_call(asked: Asked) -> Told:
    marts, days = asked.marts, asked.thresholds["look_back_days"]
    for who, everything in marts.of_people("marts.fct_service_cases").items():
        cases = [
            row
            for row in everything
            if row["merged_into_case_id"] is None and marts.ago(row["opened_on"]) < days
        ]
        faults = [row for row in cases if row["kind"] in FAULTS]
        waits = [row for row in cases if row["is_open"] and row["first_reply_minutes"] is None]
        yield (
            who,
            {
                "faults": len(faults),
                "unanswered": len(waits),
                "open_cases": len([row for row in everything if row["is_open"]]),
                "days_since_fault": marts.ago(_last(faults)),
                "waiting_since": min((row["opened_on"] for row in waits), default=None),
                "called_on": asked.told_on(who),
                "look_back_days": days,
                "reports": len([row for row in cases if row in faults or row in waits]),
            },
        )


def _last(cases: list[Row]) -> date | None:
    return max((row["opened_on"] for row in cases), default=None)


# ---------- machines


def _machines(asked: Asked) -> Told:
    """Every machine that somebody has, with what all lists say of one."""
    marts = asked.marts
    products = {row["product_id"]: row for row in marts.rows("marts.dim_products")}
    repairs = _repairs(marts)
    owned_from = {
        row["unit_id"]: row["owned_from"]
        for row in marts.rows("marts.fct_unit_owners")
        if row["owned_until"] is None
    }
    for unit in marts.rows("marts.fct_units"):
        if unit["status"] == "owned":
            product = products.get(unit["product_id"], {})
            yield (
                unit["customer_id"],
                {
                    **unit,
                    "product_name": product.get("name") or "machine",
                    "list_price": product.get("list_price"),
                    "repairs": repairs.get(unit["unit_id"], 0),
                    "days_owned": marts.ago(owned_from[unit["unit_id"]]),
                    "start_code": _start(unit),
                    "days_since_start": marts.ago(unit["purchased_on"]),
                    "told_on": asked.told_on(unit["customer_id"]),
                    "offered_on": asked.told_on(unit["customer_id"]),
                },
            )


def _start(unit: Row) -> str:
    """What is known to have happened on the day that counts as that of its purchase."""
    if unit["known_by"] == "order_line":
        return "delivered"
    return "registered" if unit["purchased_on"] == unit["registered_on"] else "bought"


def _repairs(marts: Marts) -> dict[str, int]:
    repairs: dict[str, int] = {}
    for case in marts.rows("marts.fct_service_cases"):
        if case["unit_id"] and case["kind"] in FAULTS:
            repairs[case["unit_id"]] = repairs.get(case["unit_id"], 0) + 1
    return repairs


@facts_of("service_due")
def _service_due(asked: Asked) -> Told:
    machines = list(_machines(asked))
    for who, unit in machines:
        until = asked.marts.until(unit["next_service_due_on"])
        others = [
            other
            for owner, other in machines
            if owner == who and other is not unit and _is_near(asked, other)
        ]
        others.sort(key=lambda other: (other["next_service_due_on"], other["unit_id"].encode()))
        yield (
            who,
            {
                **unit,
                "other_services": len(others),
                "other_products": ", ".join(other["product_name"] for other in others),
                "due_on": unit["next_service_due_on"],
                "days_until_due": until,
                "days_since_due": None if until is None else -until,
                "days_since_service": asked.marts.ago(unit["last_serviced_on"]),
                "never": unit["last_serviced_on"] is None,
            },
        )


def _is_near(asked: Asked, unit: Row) -> bool:
    """Whether they are to be told of its service, and were not yet."""
    until, told_on = asked.marts.until(unit["next_service_due_on"]), unit["told_on"]
    if (
        until is None
        or not -asked.thresholds["days_after"] <= until <= asked.thresholds["days_ahead"]
    ):
        return False
    is_about_it = told_on is not None and (
        (unit["next_service_due_on"] - told_on).days <= asked.thresholds["days_ahead"]
    )
    return not (is_about_it and asked.marts.ago(told_on) < asked.thresholds["gap_days"])


@facts_of("warranty_offer")
def _warranty_offer(asked: Asked) -> Told:
    for who, unit in _machines(asked):
        yield (
            who,
            {
                **unit,
                "days_until_end": asked.marts.until(unit["warranty_ends_on"]),
                "sound": unit["repairs"] == 0 and unit["order_id"] is not None,
                "repaired": unit["repairs"] > 0,
            },
        )


@facts_of("recycle")
def _recycle(asked: Asked) -> Told:
    for who, unit in _machines(asked):
        past = asked.marts.ago(unit["expected_end_of_life_on"])
        is_measured = unit["life_known_by"] == "measured"
        worth = _trade_in_value(unit, _years(unit["purchased_on"], asked.marts.as_of))
        yield (
            who,
            {
                **unit,
                "value_undeclared": worth is None,
                "days_past": past,
                "days_left": None if past is None else -past,
                "past_its_life": is_measured,
                "not_yet": is_measured,
                "past_its_declared_life": not is_measured,
                "not_yet_as_declared": not is_measured,
            },
        )


@facts_of("trade_in")
def _trade_in(asked: Asked) -> Told:
    for who, unit in _machines(asked):
        years = _years(unit["purchased_on"], asked.marts.as_of)
        drops_on = months_later(unit["purchased_on"], 12 * (years + 1))
        until = asked.marts.until(unit["expected_end_of_life_on"])
        is_measured = unit["life_known_by"] == "measured"
        yield (
            who,
            {
                **unit,
                "trade_in_whole": _trade_in_value(unit, years),
                "currency": "EUR",
                "falls_soon": _share(unit, years + 1) < _share(unit, years),
                "days_until_end": until,
                "days_until_drop": asked.marts.until(drops_on),
                "near_its_end": is_measured,
                "near_its_declared_end": not is_measured,
                "past_its_end": is_measured and until is not None and until < 0,
                "past_its_declared_end": not is_measured and until is not None and until < 0,
            },
        )


def _years(since: date, until: date) -> int:
    years = until.year - since.year
    return years if months_later(since, 12 * years) <= until else years - 1


def _share(unit: Row, years: int) -> Decimal:
    """Of its list price, after so many years; nothing of a category that is not named."""
    shares = TRADE_IN_SHARES.get(unit["category"], ())
    return Decimal(shares[years]) if years < len(shares) else Decimal(0)


def _trade_in_value(unit: Row, years: int) -> int | None:
    if unit["category"] not in TRADE_IN_SHARES or unit["list_price"] is None:
        return None
    worth = unit["list_price"] * _share(unit, years)
    return half_up(worth.quantize(Decimal("0.01"), "ROUND_HALF_UP"))
