"""A machine that goes down in the middle of a build: what it had done is done again."""

from __future__ import annotations

from pathlib import Path

from tests.engines.engines import SPARK
from tests.engines.executors import one_lost
from tests.engines.probes import build

pytestmark = SPARK.marks

ROUNDS = 10  # a second of an executor each
# A stage on all executors, a shuffle, and a stage that reads what the first has left.
LONG = f"""
{{{{ config(materialized='table') }}}}
with numbers as ({{{{ numbers() }}}})
select
    few.n,
    count(distinct substr(md5(cast(many.n * 1000 + others.n as string)), 1, 4)) as hashes
from numbers as many
cross join numbers as others
cross join (select n from numbers where n < {ROUNDS}) as few
group by few.n
"""


def test_what_a_lost_executor_had_done_is_done_again(tmp_path: Path) -> None:
    probes = {"models/long.sql": LONG}
    with one_lost(tmp_path / "attempt" / "scratch") as lost:
        answers = build("spark", tmp_path, probes, spark_master="local-cluster[2,1,1024]")
    assert len(lost) == 1
    found = {row["n"]: row["hashes"] for row in answers.rows("long")}
    assert found == dict.fromkeys(range(ROUNDS), 16**4)  # of a million, none is missing
