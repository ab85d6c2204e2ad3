"""dbt's manifest as a graph of models, and what is asked of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

MADE = ("model", "seed")


@dataclass(frozen=True)
class Graph:
    """manifest: manifest.json, read. Nodes are known by their names; feeds by those of raw."""

    manifest: Mapping[str, Any]

    @cached_property
    def nodes(self) -> dict[str, Mapping[str, Any]]:
        return {
            node["name"]: node
            for node in self.manifest["nodes"].values()
            if node["resource_type"] in MADE
        }

    @cached_property
    def feeds(self) -> set[str]:
        """Sources that a delivery fills, not the warehouse's own tables."""
        return {
            source["name"]
            for source in self.manifest["sources"].values()
            if "delivery" in source.get("meta", {})
        }

    @cached_property
    def published(self) -> list[str]:
        return sorted(
            name for name, node in self.nodes.items() if node.get("meta", {}).get("published")
        )

    def inputs(self, name: str) -> list[str]:
        """Models and feeds that a model reads itself."""
        unique_ids = self.nodes[name]["depends_on"].get("nodes", []) if name in self.nodes else []
        known = self.nodes.keys() | self.feeds
        return sorted({one.split(".")[-1] for one in unique_ids} & known)

    def behind(self, name: str) -> list[str]:
        """All that a model is made of, the nearest first."""
        found: dict[str, None] = {}
        ring = self.inputs(name)
        while ring:
            found |= dict.fromkeys(ring)
            nearer = (self.inputs(one) for one in ring)
            ring = sorted({one for some in nearer for one in some} - found.keys())
        return list(found)

    def feeds_behind(self, name: str) -> list[str]:
        return sorted(self.feeds & set(self.behind(name)))

    def area(self, name: str) -> str:
        """The folder of a model, or `raw` of a feed."""
        if name in self.feeds:
            return "raw"
        *folders, _ = self.nodes[name]["original_file_path"].split("/")
        return "/".join(folders[1:]) or folders[0]

    def trail(self, name: str, column: str) -> list[list[str]]:
        """Where a column comes from, by its name: the table, the models before it that say the
        name too, and so on until none does. One list a step back."""
        steps, ring = [], [name]
        while ring:
            steps.append(ring)
            before = {one for each in ring for one in self.inputs(each)}
            ring = sorted(one for one in before if self._says(one, column))
        return steps

    def _says(self, name: str, column: str) -> bool:
        node = self.nodes.get(name)
        if node is None:
            columns = next(
                source["columns"]
                for source in self.manifest["sources"].values()
                if source["name"] == name
            )
            return column in columns
        return bool(re.search(rf"\b{re.escape(column)}\b", node["raw_code"]))


def between_areas(graph: Graph, names: Iterable[str]) -> dict[tuple[str, str], int]:
    """(area read, area that reads) → how many models read so, areas of their own left out."""
    edges: dict[tuple[str, str], int] = {}
    for name in names:
        for area in {graph.area(one) for one in graph.inputs(name)} - {graph.area(name)}:
            edge = (area, graph.area(name))
            edges[edge] = edges.get(edge, 0) + 1
    return edges
