"""The raw gate: may what was delivered since the last published night be built upon?

Judged are deliveries that the last publication has not seen. They are compared with the
deliveries it has seen, so the first night is checked for faults only. Everything follows from the
declarations in dbt_project/models/staging: a new feed is guarded without a line here.
"""

from __future__ import annotations

from collections.abc import Iterable

from regulars.feeds import declarations
from regulars.feeds.model import Column, Delivery, Feed
from regulars.feeds.raw_columns import NUMBERS
from regulars.gates.expect import judgement, truth, warning
from regulars.gates.suites import GateContext, Suite

# ---------- thresholds, all of them

# The largest share of rows that a snapshot may lose stands in its declaration (shrink_limit_pct).
# Which feeds are overdue is decided by the model feed_states, and withholds lists.
QUARANTINE_ROWS = 20  # fewer bad rows than this are a matter for the sender, not for the gate
VOLUME_LOW, VOLUME_HIGH = 0.2, 5.0  # rows of a day ÷ median of the same weekday
VOLUME_DAYS, VOLUME_WEEKS = 4, 8  # so many same weekdays of the last so many weeks must be known
VOLUME_ROWS = 20  # a median below this says nothing about one day
VOLUME_HIGH_ROWS = 200  # fewer rows are never too many
HISTORY_DELIVERIES = 28  # the latest deliveries that new values are compared with
HISTORY_LINES = 5_000  # of each, so that a first bulk delivery does not cost every night
HISTORY_ROWS = 100  # fewer known values: no comparison
MANY_ROWS, SOME_ROWS, FEW_ROWS = 100, 20, 10  # from few on, only what is outrageous counts
TYPICAL_RATIO, TYPICAL_RATIO_FEW = 4.0, 10.0  # new median ÷ known median
SPIKE_RATIO = 100.0  # largest new value ÷ largest known value
SHARE_GAIN, SHARE_GAIN_FEW = 0.5, 0.8  # share of the commonest value, above any known delivery's


def suites(context: GateContext) -> list[Suite]:
    """Deliveries per feed; values of new rows against known ones; each new row by itself."""
    feeds = declarations.load(context.settings.dbt_project, context.settings.systems)
    new = _feeds_with_new_rows(context)
    fresh = [feed for feed in feeds if feed.table in new]
    return [
        Suite("deliveries", *_deliveries(context, feeds), is_small=True),
        *(
            Suite(
                f"{feed.table}: new against known",
                *_values(context, feed),
                is_small=True,
                may_be_empty=True,  # a correction may replace all of it
            )
            for feed in fresh
            if context.previous
        ),
        *(Suite(f"{feed.table}: new rows", *_rows(context, feed)) for feed in fresh),
    ]


# ---------- which deliveries


def _arrivals(context: GateContext) -> str:
    """Deliveries this night counts; is_new: the last publication has not seen them.

    Rows in quarantine are those still waiting there. A replay is an arrival with replay_of set.
    """
    night, previous = context.night, context.previous
    is_new = (
        f"delivery_id > {previous.last_delivery_id} or delivered_on > date '{previous.as_of}'"
        if previous
        else "true"
    )
    known = "" if night.last_delivery_id is None else f"and delivery_id <= {night.last_delivery_id}"
    return f"""
        select
            delivery_id, feed, delivered_on, revision, rewrite_no, status, replay_of, rows_in,
            rows_loaded,
            coalesce(
                (
                    select o.sha256 from raw.deliveries as o
                    where o.delivery_id = deliveries.replay_of
                ),
                sha256
            ) collate "C" as content,
            rows_quarantined - coalesce(replays.rows, 0) as rows_quarantined, {is_new} as is_new
        from raw.deliveries
        left join (
            select replay_of as replayed_id, sum(rows_loaded) as rows
            from raw.deliveries where replay_of is not null {known} group by replay_of
        ) as replays on delivery_id = replays.replayed_id
        where delivered_on <= date '{night.as_of}' and status <> 'redelivered' {known}
    """


def _feeds_with_new_rows(context: GateContext) -> set[str]:
    query = f"""
        select distinct feed from ({_arrivals(context)}) as arrivals
        where is_new and status = 'loaded' and rows_loaded > 0
    """
    return {row[0] for row in context.connection.execute(query.encode())}


def _counting(context: GateContext, feed: Feed) -> str:
    """Deliveries of a feed whose rows count, by its load rule."""
    superseded = {
        "append": "exists (select 1 from arrivals as o where o.feed = a.feed"
        " and o.status = 'loaded' and o.delivered_on = a.delivered_on"
        " and (o.revision, o.rewrite_no, o.content) > (a.revision, a.rewrite_no, a.content))",
        "snapshot": "exists (select 1 from arrivals as o where o.feed = a.feed"
        " and o.status = 'loaded' and o.replay_of is null"
        " and (o.is_new = a.is_new or a.replay_of is not null)"
        " and (o.delivered_on, o.revision, o.rewrite_no, o.content)"
        " > (a.delivered_on, a.revision, a.rewrite_no, a.content))",
        "upsert": "false",
    }[feed.delivery.load]
    return f"""
        select a.* from arrivals as a
        where a.feed = '{feed.table}' and a.status = 'loaded' and not ({superseded})
    """


# ---------- deliveries: freshness, refusals, quarantine, volume


def _deliveries(context: GateContext, feeds: Iterable[Feed]) -> tuple[str, list]:
    feeds = list(feeds)
    columns = [column for feed in feeds for column in _delivery_measures(context, feed)]
    expectations = [e for feed in feeds for e in _delivery_expectations(context, feed)]
    query = f"""
        with arrivals as ({_arrivals(context)}),
        days as (
            select feed, delivered_on, is_new, max(rows_loaded) as rows
            from arrivals where status = 'loaded' and replay_of is null
            group by feed, delivered_on, is_new
        ),
        usual as (
            select
                day.feed, day.delivered_on, day.rows, count(known.rows) as days,
                percentile_cont(0.5) within group (order by known.rows) as rows_usual
            from days as day
            inner join days as known
                on
                    day.feed = known.feed and not known.is_new
                    and day.delivered_on - known.delivered_on between 7 and {7 * VOLUME_WEEKS}
                    and mod(day.delivered_on - known.delivered_on, 7) = 0
            where day.is_new
            group by day.feed, day.delivered_on, day.rows
        ),
        volumes as (
            select
                feed, rows / rows_usual as low,
                case when rows >= {VOLUME_HIGH_ROWS} then rows / rows_usual end as high
            from usual
            where days >= {VOLUME_DAYS} and rows_usual >= {VOLUME_ROWS}
        )
        select {", ".join(columns)},
            (select coalesce(sum(rows_loaded), 0) from arrivals where status = 'loaded')
                as rows_judged
    """
    return query, expectations


def _delivery_measures(context: GateContext, feed: Feed) -> list[str]:
    """Named by feed and measure, so that a failure says which feed."""
    name, night = feed.table, context.night
    known = (
        "" if night.last_delivery_id is None else f"and b.delivery_id <= {night.last_delivery_id}"
    )
    same_day = "" if feed.delivery.load == "snapshot" else "and not c.is_of_later_day"
    loaded = f"feed = '{name}' and status = 'loaded'"
    whole = f"{loaded} and replay_of is null"
    measures = {
        "refused": f"""
            select count(*) from arrivals as a
            where feed = '{name}' and status = 'refused' and is_new and not exists (
                select 1 from raw.corrections as c
                inner join raw.deliveries as b on c.corrected_by = b.delivery_id
                where c.delivery_id = a.delivery_id {same_day}
                    and b.delivered_on <= date '{night.as_of}' {known}
            )""",
        "quarantined": f"""
            select
                case
                    when sum(rows_quarantined) >= {QUARANTINE_ROWS}
                        then 100.0 * sum(rows_quarantined) / sum(rows_in)
                    else 0
                end
            from arrivals where {loaded} and is_new and replay_of is null""",
        "lost": f"""
            select coalesce(max(
                case when latest.is_new and known.rows_loaded > 0
                    then 100.0 * (known.rows_loaded - latest.rows_loaded) / known.rows_loaded end
            ), 0)
            from (
                select * from arrivals where {whole}
                order by delivered_on desc, revision desc, delivery_id desc limit 1
            ) as latest
            cross join lateral (
                select * from arrivals where {whole} and delivery_id <> latest.delivery_id
                order by is_new, delivered_on desc, revision desc, delivery_id desc limit 1
            ) as known""",
        "volume_low": f"select coalesce(min(low), 1) from volumes where feed = '{name}'",
        "volume_high": f"select coalesce(max(high), 1) from volumes where feed = '{name}'",
    }
    return [f'({query}) as "{name}__{measure}"' for measure, query in measures.items()]


def _delivery_expectations(context: GateContext, feed: Feed) -> list:
    name, delivery = feed.table, feed.delivery
    expectations = [
        warning(f"raw.{name}").measure(
            f"{name}__refused",
            "no delivery refused",
            "deliveries refused; the rows of the last good one still count",
            high=0,
            about="(file)",
        ),
        judgement(f"raw.{name}").measure(
            f"{name}__quarantined",
            "few rows in quarantine",
            f"more than {delivery.quarantine_limit_pct}% of new rows in quarantine",
            high=float(delivery.quarantine_limit_pct),
            about="(row)",
        ),
    ]
    if delivery.load == "snapshot":
        most = float(delivery.shrink_limit_pct)
        expectations.append(
            judgement(f"raw.{name}").measure(
                f"{name}__lost",
                "no snapshot loses its rows",
                f"more than {most:g}% of the last snapshot's rows are gone",
                high=most,
                about="(row)",
            )
        )
    if _comes_by_weekday(delivery) and delivery.load != "snapshot" and context.previous:
        expectations += _volume_expectations(name)
    return expectations


def _comes_by_weekday(delivery: Delivery) -> bool:
    return delivery.expected == "daily" or isinstance(delivery.expected, tuple)


def _volume_expectations(name: str) -> list:
    return [
        judgement(f"raw.{name}").measure(
            f"{name}__volume_low",
            "usual volume",
            f"rows below {VOLUME_LOW} of the median of that weekday",
            low=VOLUME_LOW,
            about="(rows of a day)",
        ),
        judgement(f"raw.{name}").measure(
            f"{name}__volume_high",
            "usual volume",
            f"rows above {VOLUME_HIGH} times the median of that weekday",
            high=VOLUME_HIGH,
            about="(rows of a day)",
        ),
    ]


# ---------- values of new rows against known ones


def _values(context: GateContext, feed: Feed) -> tuple[str, list]:
    """One row: a ratio or a share per column, neutral where too little is known to compare."""
    amounts = [c for c in _measured(feed) if c.kind == "numeric"]
    numbers = [c for c in _measured(feed) if c.kind in NUMBERS]
    names = [c for c in _measured(feed) if c.kind == "text" and not c.allowed]
    columns = [
        *(_typical(c.name) for c in amounts),
        *(_spike(c.name) for c in numbers),
        *(_concentration(c.name) for c in names),
    ]
    query = f"""
        with arrivals as ({_arrivals(context)}),
        counting as ({_counting(context, feed)}),
        known_deliveries as (
            select delivery_id from counting where not is_new and rows_loaded > 0
            order by delivered_on desc, delivery_id desc limit {HISTORY_DELIVERIES}
        ),
        known as (
            select r.* from raw."{feed.table}" as r
            inner join known_deliveries as d on r._delivery_id = d.delivery_id
            where r._line <= {HISTORY_LINES}
        ),
        delivered as (
            select r.*, {_nth(feed)} as nth from raw."{feed.table}" as r
            where r._delivery_id in (select delivery_id from counting where is_new)
        ),
        new as (select * from delivered where nth = 1)
        select {", ".join([*columns, "(select count(*) from new) as rows_judged"])}
    """
    expectations = [
        *(_typical_expectation(feed.table, c.name) for c in amounts),
        *(_spike_expectation(feed.table, c.name) for c in numbers),
        *(_concentration_expectation(feed.table, c.name) for c in names),
    ]
    return query, expectations


def _measured(feed: Feed) -> list[Column]:
    """Columns with values worth comparing: no keys, no numbers of documents, nothing personal."""
    identifiers = {*feed.delivery.key, *feed.delivery.index}
    return [c for c in feed.columns if c.name not in identifiers and not c.personal]


def _nth(feed: Feed) -> str:
    """1 for the row that counts among new rows of one key: a correction hides what it corrects."""
    if feed.delivery.load != "upsert":
        return "1"
    key = ", ".join(f'r."{name}"' for name in feed.delivery.key)
    return (
        f'row_number() over (partition by {key} order by r."{feed.delivery.version}" desc nulls'
        " last, r._delivered_on desc, r._delivery_id desc, r._line desc)"
    )


def _typical(name: str) -> str:
    return f"""
        (select coalesce(case
            when known.n < {HISTORY_ROWS} or known.typical <= 0 then 1
            when new.n >= {MANY_ROWS} then new.typical / known.typical
            when
                new.n >= {FEW_ROWS} and new.typical / known.typical
                not between {1 / TYPICAL_RATIO_FEW} and {TYPICAL_RATIO_FEW}
                then new.typical / known.typical
            else 1 end, 1)
        from
            (select count("{name}") as n,
                percentile_cont(0.5) within group (order by "{name}") as typical
            from new) as new
        cross join
            (select count("{name}") as n,
                percentile_cont(0.5) within group (order by "{name}") as typical
            from known) as known) as "{name}__typical"
    """


def _spike(name: str) -> str:
    """New values far above the largest known one; the ratio is a decimal, so that a large integer
    cannot overflow its own type."""
    return f"""
        (select coalesce(sum(case when known.n >= {HISTORY_ROWS} and known.largest > 0
            and abs(1.0 * new."{name}") > {SPIKE_RATIO:.1f} * known.largest
            then 1 else 0 end), 0)
        from new
        cross join
            (select count("{name}") as n, max(abs(1.0 * "{name}")) as largest from known)
            as known) as "{name}__spike"
    """


def _concentration(name: str) -> str:
    """Share of the commonest new value, above the largest share any known delivery gave one, or
    all of them together: each may be too small to tell by itself."""
    return f"""
        (select coalesce(max(case
            when known.n < {HISTORY_ROWS} then 0
            when new.rows >= {SOME_ROWS} then new.share - known.share
            when new.rows >= {FEW_ROWS} and new.share - known.share > {SHARE_GAIN_FEW}
                then new.share - known.share
            else 0 end), 0)
        from
            (select count(*) as times, sum(count(*)) over () as rows,
                round(1.0 * count(*) / sum(count(*)) over (), 6) as share
            from new group by "{name}" order by times desc limit 1) as new
        cross join
            (select coalesce(sum(times), 0) as n,
                coalesce(greatest(
                    max(case when rows >= {FEW_ROWS} then times / rows end),
                    max(times_in_all) / sum(times)
                ), 0) as share
            from (
                select 1.0 * count(*) as times,
                    sum(count(*)) over (partition by _delivery_id) as rows,
                    sum(count(*)) over (partition by "{name}") as times_in_all
                from known group by _delivery_id, "{name}"
            ) as shares) as known) as "{name}__concentration"
    """


def _typical_expectation(table: str, name: str) -> object:
    return judgement(f"raw.{table}").measure(
        f"{name}__typical",
        "usual amounts",
        f"new median more than {TYPICAL_RATIO:g} times off the known one",
        low=1 / TYPICAL_RATIO,
        high=TYPICAL_RATIO,
        about=name,
    )


def _spike_expectation(table: str, name: str) -> object:
    return judgement(f"raw.{table}").measure(
        f"{name}__spike",
        "no absurd value",
        f"new rows with more than {SPIKE_RATIO:g} times the largest known value",
        high=0,
        about=name,
    )


def _concentration_expectation(table: str, name: str) -> object:
    return judgement(f"raw.{table}").measure(
        f"{name}__concentration",
        "no value takes over",
        f"one value has {SHARE_GAIN:.0%} more of the rows than in any known delivery",
        high=SHARE_GAIN,
        about=name,
    )


# ---------- each new row by itself


def _rows(context: GateContext, feed: Feed) -> tuple[str, list]:
    """What the loader promises, looked at again in what it wrote. Personal columns stay out."""
    checked = [c for c in feed.columns if not c.personal]
    columns = ", ".join(f'"{c.name}"' for c in checked)
    query = f"""
        select {columns} from raw."{feed.table}"
        where _delivery_id in (
            select delivery_id from ({_arrivals(context)}) as arrivals
            where feed = '{feed.table}' and is_new and status = 'loaded'
        )
    """
    return query, [e for c in checked for e in _row_expectations(feed.table, c)]


def _row_expectations(table: str, column: Column) -> list:
    expectations: list = []
    if column.required:
        expectations.append(
            truth(f"raw.{table}").filled(
                column.name, "required values are there", "required, but null"
            )
        )
    if column.kind in NUMBERS and (column.minimum or column.maximum):
        low, high = (float(b) if b else None for b in (column.minimum, column.maximum))
        expectations.append(
            truth(f"raw.{table}").within(
                column.name,
                "values within declared bounds",
                "outside the declared bounds",
                low=low,
                high=high,
            )
        )
    if column.kind == "text" and column.allowed:
        expectations.append(
            truth(f"raw.{table}").one_of(
                column.name,
                list(column.allowed),
                "values as declared",
                "not one of the declared values",
            )
        )
    return expectations
