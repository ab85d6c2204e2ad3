"""The DAG of deliveries: what it waits for, and a task a target."""

from __future__ import annotations


def test_deliveries_begin_when_lists_are_published_one_run_at_a_time(found: dict) -> None:
    assert found["deliver"]["waits_for"] == "AssetAll(AssetNameRef(name='published_lists'))"
    assert "published_lists" in found["outlets"]["publish.generation"]
    assert found["deliver"]["max_active_runs"] == 1


def test_noes_are_asked_for_first_then_each_target_is_a_task_with_its_own_retries(
    found: dict,
) -> None:
    assert found["deliver"]["upstream"] == {"withdraw": [], "send": ["withdraw"]}
    assert found["deliver"]["mapped"] == ["send"]
    assert found["deliver"]["retries"] == {"withdraw": 4, "send": 4}


def test_a_failed_delivery_says_which_and_what_to_do_and_repeats_no_strangers_words(
    found: dict,
) -> None:
    assert found["deliver"]["without_failure_callback"] == []
    said = found["deliver"]["failure"]
    assert "send of target 2" in said
    assert "docs/runbook.md#a-delivery-to-a-tool-failed" in said
    assert "ada@example.org" not in said


def test_every_task_has_an_owner_and_says_where_to_look(found: dict) -> None:
    assert found["deliver"]["owners"] == ["regulars"]
    assert all("docs/runbook.md#" in text for text in found["deliver"]["documentation"])
