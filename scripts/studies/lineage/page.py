"""The page and the words about a column."""

from __future__ import annotations

from studies.lineage.graph import Graph, between_areas

HEAD = """\
# Lineage

Made from dbt's manifest by `make lineage`; a test says when it has to be made again. Who reads
what, folder by folder, then what each published table is made of and which feeds reach it: that is
whom a late or wrong feed concerns. `python -m studies.lineage TABLE COLUMN` follows one column back
by its name: a quantity has the same name everywhere.

"""


def page(graph: Graph) -> str:
    return "\n".join([HEAD + _picture(graph), "", *_table(graph), ""])


def _picture(graph: Graph) -> str:
    edges = sorted(between_areas(graph, graph.nodes))
    areas = sorted({area for edge in edges for area in edge})
    number = {area: f"a{place}" for place, area in enumerate(areas)}
    lines = [f'    {number[area]}["{area}"]' for area in areas]
    lines += [f"    {number[one]} --> {number[other]}" for one, other in edges]
    return "\n".join(["```mermaid", "flowchart LR", *lines, "```"])


def _table(graph: Graph) -> list[str]:
    rows = ["| published table | reads | feeds behind it |", "|---|---|---|"]
    for name in graph.published:
        reads, feeds = _codes(graph.inputs(name)), _codes(graph.feeds_behind(name))
        rows.append(f"| `{name}` | {reads} | {feeds} |")
    return rows


def _codes(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def trail(graph: Graph, table: str, column: str) -> str:
    """A line a step back."""
    steps = graph.trail(table, column)
    return "\n".join(f"{'  ' * depth}{', '.join(ring)}" for depth, ring in enumerate(steps))
