from __future__ import annotations

from regulars.engines import behaviour_flags


def test_flags_that_earlier_adapters_added_again_are_forgotten() -> None:
    from dbt.adapters.base.impl import DEFAULT_BASE_BEHAVIOR_FLAGS as FLAGS
    from dbt.adapters.postgres.impl import PostgresAdapter

    own = PostgresAdapter._behavior_flags.fget(None)  # type: ignore[attr-defined]
    assert own, "dbt's adapter has no flags any more: is this still needed?"
    behaviour_flags.forget_repeated()
    once = list(FLAGS)
    FLAGS.extend([*own, *own])
    behaviour_flags.forget_repeated()
    assert len(FLAGS) == len({*(f["name"] for f in once), *(f["name"] for f in own)})
