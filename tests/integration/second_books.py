"""The company's books kept a second time: from the delivered rows alone, in pandas and cents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property

import pandas as pd
import psycopg

ZONE = "Europe/Amsterdam"
CURRENCY = "EUR"
COUNTS = {"paid", "shipped", "delivered"}
UNIT_CATEGORIES = ("espresso_machines", "grinders", "kettles")  # as dbt_project.yml has them
OF_PEOPLE = ("customer_id", "referrer_customer_id", "referred_customer_id")


class Books:
    """What was delivered up to a night. Money is in whole cents, dates are the company's.

    tiers_before: customer → value tier, as the night before had published it.
    """

    def __init__(
        self, connection: psycopg.Connection, as_of: date, tiers_before: dict[str, str]
    ) -> None:
        self.connection, self.as_of, self.tiers_before = connection, as_of, tiers_before

    def current(self, feed: str, key: list[str], version: str) -> pd.DataFrame:
        """Of each key the row of the latest version, then of the latest delivery and line; whoever
        it names is the person that the account is tonight."""
        return self._of_people(self._delivered(feed, key, version))

    def versions(self, feed: str, version: str) -> pd.DataFrame:
        """Every delivered row, the earliest version first."""
        return self._of_people(self._rows(feed, version))

    def _of_people(self, frame: pd.DataFrame) -> pd.DataFrame:
        for column in frame.columns.intersection(OF_PEOPLE):
            frame[column] = frame[column].map(lambda account: self.person.get(account, account))
        return frame

    def _delivered(self, feed: str, key: list[str], version: str) -> pd.DataFrame:
        frame = self._rows(feed, version)
        return frame.drop_duplicates(key, keep="last").set_index(key, drop=False)

    def _rows(self, feed: str, version: str) -> pd.DataFrame:
        cursor = self.connection.execute(
            f"select r.*, d.delivered_on, d.revision from raw.{feed} as r"
            " inner join raw.deliveries as d on r._delivery_id = d.delivery_id".encode()
        )
        frame = pd.DataFrame(cursor.fetchall(), columns=[c.name for c in cursor.description or ()])
        return frame.sort_values([version, "delivered_on", "revision", "_line"], kind="stable")

    @cached_property
    def person(self) -> dict[str, str]:
        """Account → person, of accounts that were merged, a word after the other."""
        key = ["old_customer_id", "customer_id", "changed_at"]
        words = self._delivered("identities", key, "changed_at")
        into: dict[str, str] = {}
        for word in words.itertuples():
            old, other = word.old_customer_id, word.customer_id
            if word.is_merged:
                into.pop(old, None)  # the latest merges stand last
                into[old] = other
            elif into.get(old) == other:
                del into[old]
        person = {}
        for account in into:
            chain = [account]
            while chain[-1] in into and into[chain[-1]] not in chain:
                chain.append(into[chain[-1]])
            circle = chain[chain.index(into[chain[-1]]) :] if chain[-1] in into else chain[-1:]
            person[account] = next((a for a in into if a in circle), circle[0])
        return person

    @cached_property
    def customers(self) -> set[str]:
        return set(self.current("customers", ["customer_id"], "updated_at")["customer_id"])

    @cached_property
    def products(self) -> pd.DataFrame:
        return self.current("products", ["product_id"], "updated_at").astype(object)

    @cached_property
    def units(self) -> pd.DataFrame:
        units = self.current("units", ["product_id", "serial"], "updated_at")
        return units[units["customer_id"].isin(self.customers)].reset_index(drop=True)

    @cached_property
    def unnamed_units(self) -> pd.DataFrame:
        """What arrived of the categories that are units, was not sent back and nobody named."""
        words = self.versions("units", "updated_at")
        words = words.drop_duplicates(["order_id", "product_id", "serial"], keep="last")
        words["returned"] = words["retired_how"] == "returned"
        named = words.groupby(["order_id", "product_id"])["returned"].agg(["size", "sum"])
        sent_back = self.refunds[~self.refunds["is_held"]].groupby(["order_id", "line_no"])
        pieces = sent_back["quantity"].sum()
        lines = self.lines[self.lines["category"].isin(UNIT_CATEGORIES)]
        lines = lines.assign(back=[int(pieces.get(key, 0)) for key in lines.index])
        sold = lines.reset_index(drop=True).groupby(["order_id", "product_id"])
        units = sold[["quantity", "back"]].sum().join(named).fillna(0).reset_index()
        units["quantity"] -= units["size"] + (units["back"] - units["sum"]).clip(lower=0)
        arrived = self.heads[self.heads["status"] == "delivered"].reset_index(drop=True)
        arrived = arrived[arrived["order_type"].isin(["sale", "replacement"])].copy()
        arrived["arrived_on"] = local_dates(arrived["delivered_at"].fillna(arrived["ordered_at"]))
        units = units.merge(arrived[["order_id", "customer_id", "arrived_on"]], on="order_id")
        return units[(units["quantity"] > 0) & (units["arrived_on"] <= self.as_of)]

    @cached_property
    def heads(self) -> pd.DataFrame:
        """Orders up to the night, each on its date."""
        heads = self.current("orders", ["order_id"], "updated_at")
        heads["on"] = local_dates(heads["ordered_at"])
        return heads[heads["on"] <= self.as_of]

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Lines with sale, refunded amount, returned pieces and cost of goods."""
        lines = self.current("order_lines", ["order_id", "line_no"], "updated_at")
        lines["sale"] = lines["quantity"] * cents(lines["unit_price"]) - cents(lines["discount"])
        lines["refunded"], lines["restocked"] = 0, 0
        for refund in self.refunds.itertuples():
            if (refund.order_id, refund.line_no) in lines.index:
                lines.loc[(refund.order_id, refund.line_no), "refunded"] += refund.counted
                if refund.is_restocked and not refund.is_held:
                    lines.loc[(refund.order_id, refund.line_no), "restocked"] += refund.quantity
        lines["category"] = lines["product_id"].map(self.products["category"])
        kept = (lines["quantity"] - lines["restocked"]).clip(lower=0)
        unit_costs = cents(lines["product_id"].map(self.products["unit_cost"]))
        assert unit_costs.notna().all(), "a product without a cost: assumed_cost_share is not here"
        lines["cost"] = kept * unit_costs
        return lines

    @cached_property
    def sold_lines(self) -> pd.DataFrame:
        """Lines of known products in sales that were paid for, in the reporting currency."""
        orders = self.orders
        sold = orders["status"].isin(COUNTS) & (orders["order_type"] == "sale")
        ids = orders[sold & orders["is_valued"]]["order_id"]
        lines = self.lines.reset_index(drop=True)
        return lines[lines["order_id"].isin(ids) & lines["product_id"].isin(self.products.index)]

    @cached_property
    def refunds(self) -> pd.DataFrame:
        """Refunds of known orders in their turn, each counted up to what its sale has left."""
        refunds = self.current("refunds", ["refund_id"], "updated_at").reset_index(drop=True)
        refunds = refunds[local_dates(refunds["refunded_at"]) <= self.as_of]
        refunds = refunds[refunds["order_id"].isin(self.heads["order_id"])]
        refunds = refunds.sort_values(["refunded_at", "refund_id"], kind="stable")
        lines = self.current("order_lines", ["order_id", "line_no"], "updated_at")
        sale = lines["quantity"] * cents(lines["unit_price"]) - cents(lines["discount"])
        of_line, of_order = sale.to_dict(), sale.groupby(level=0).sum().to_dict()
        refunds["asked"], refunds["counted"] = cents(refunds["amount"]), 0
        for row in refunds.itertuples():
            line = (row.order_id, row.line_no)
            left = min(of_line.get(line, of_order.get(row.order_id, 0)), of_order[row.order_id])
            counted = max(min(row.asked, left), 0)
            refunds.loc[row.Index, "counted"] = counted
            of_order[row.order_id] -= counted
            if line in of_line:
                of_line[line] -= counted
        refunds["is_held"] = (refunds["asked"] > 0) & (refunds["counted"] == 0)
        return refunds

    @cached_property
    def points(self) -> pd.Series:
        """By order: points it brought, less those that lapsed or were taken back."""
        ledger = self.current("loyalty", ["entry_id"], "booked_at").reset_index(drop=True)
        return ledger[ledger["kind"] != "spent"].groupby("order_id")["points"].sum()

    @cached_property
    def orders(self) -> pd.DataFrame:
        """Orders of known customers: net, margin, is_purchase, and is_valued by the reporting
        currency. An order in another one is a purchase that brings no money."""
        orders = self.heads[self.heads["customer_id"].isin(self.customers)].copy()
        orders["is_valued"] = orders["currency"].str.upper() == CURRENCY
        by_order = self.lines.groupby(level=0)
        taken = self.refunds[~self.refunds["is_held"]].groupby("order_id")
        counted = _at(orders, taken["counted"].sum())
        handling = _at(
            orders,
            cents(self.refunds["handling_cost"])
            .groupby(self.refunds["order_id"].where(~self.refunds["is_held"]))
            .sum(),
        )
        orders["net"] = _at(orders, by_order["sale"].sum()) - counted
        costs = cents(orders["shipping_cost"]) + cents(orders["payment_fee"])
        costs += _at(orders, self.points)  # a point costs a cent
        orders["margin"] = orders["net"] - _at(orders, by_order["cost"].sum()) - costs - handling
        counts = orders["status"].isin(COUNTS)
        orders["is_purchase"] = counts & (orders["order_type"] == "sale") & (orders["net"] > 0)
        orders["is_counted"] = counts & orders["order_type"].isin(["sale", "replacement"])
        orders["is_counted"] &= orders["is_valued"]
        orders.loc[~orders["is_valued"], ["net", "margin"]] = 0
        return orders.reset_index(drop=True)

    @cached_property
    def purchases(self) -> pd.DataFrame:
        """Purchases in the order of their days, with the customer's first and nth day."""
        bought = self.orders[self.orders["is_purchase"]].sort_values(["customer_id", "on"])
        bought["day"] = bought.groupby("customer_id")["on"].rank("dense").astype(int)
        bought["first"] = bought.groupby("customer_id")["on"].transform("min")
        second = bought[bought["day"] == 2].groupby("customer_id")["on"].min()
        bought["second"] = bought["customer_id"].map(second)
        bought["age"] = [months(a, b) for a, b in zip(bought["first"], bought["on"], strict=True)]
        return bought

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """Orders that count of those who have bought, also what came back or replaced another, by
        the customer's age; before the first purchase that is 0."""
        counted = self.orders[self.orders["is_counted"]]
        of_buyers = counted[counted["customer_id"].isin(self.people.index)].copy()
        for day in ("first", "second"):
            of_buyers[day] = of_buyers["customer_id"].map(self.people[day])
        of_buyers["age"] = [
            months(first, max(first, on))
            for first, on in zip(of_buyers["first"], of_buyers["on"], strict=True)
        ]
        return of_buyers

    @cached_property
    def people(self) -> pd.DataFrame:
        """One row per buyer: first, second and last day, orders, net."""
        by = self.purchases.groupby("customer_id")
        people = by.agg(
            first=("on", "min"),
            last=("on", "max"),
            orders=("on", "size"),
            net=("net", "sum"),
            days=("day", "max"),
        )
        people["second"] = by["second"].first()
        return people

    @cached_property
    def spend(self) -> pd.DataFrame:
        spend = self.current("marketing_spend", ["month", "channel"], "reported_at")
        spend["cents"] = cents(spend["amount"])
        return spend.reset_index(drop=True)

    @cached_property
    def cases(self) -> pd.DataFrame:
        cases = self.current("cases", ["case_id"], "updated_at").reset_index(drop=True)
        cases["on"] = local_dates(cases["opened_at"])
        return cases[cases["on"] <= self.as_of]


def local_dates(instants: pd.Series) -> pd.Series:
    return pd.to_datetime(instants, utc=True).dt.tz_convert(ZONE).dt.date


def cents(amounts: pd.Series) -> pd.Series:
    """Decimals as whole cents, nothing as zero."""
    return amounts.map(lambda a: 0 if a is None or pd.isna(a) else int(a * 100)).astype(int)


def euros(amount: float) -> Decimal:
    return Decimal(int(amount)) / 100


def month_of(day: date) -> date:
    return day.replace(day=1)


def months(earlier: date, later: date) -> int:
    """Completed months, by the day of the month."""
    whole = (later.year - earlier.year) * 12 + later.month - earlier.month
    return whole - (later.day < earlier.day)


def _at(orders: pd.DataFrame, by_order: pd.Series) -> pd.Series:
    return orders["order_id"].map(by_order).fillna(0).astype(int)
