"""dbt's flags of changed behaviour, kept from piling up in a process that runs dbt many times."""

from __future__ import annotations


def forget_repeated() -> None:
    """Leave each flag once in the list that all adapters share.

    Each adapter that dbt makes adds its own flags to that list (`BaseAdapter.behavior`), and for
    each flag in it searches all imported modules: every run would take longer than the last.
    """
    from dbt.adapters.base.impl import DEFAULT_BASE_BEHAVIOR_FLAGS as FLAGS

    FLAGS[:] = {flag["name"]: flag for flag in FLAGS}.values()
