"""What pairs connect, directly or through others."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

import scipy

Node = TypeVar("Node", bound=Hashable)


def connected_components(nodes: Iterable[Node], pairs: Iterable[tuple[Node, Node]]) -> list[list[Node]]:
    """Return the components of the graph, each and all of them in the order of `nodes`, then of `pairs`."""
    edges = list(pairs)
    members = list(dict.fromkeys([*nodes, *(node for edge in edges for node in edge)]))
    if not members:
        return []
    place = {node: number for number, node in enumerate(members)}
    rows, columns = ([place[edge[end]] for edge in edges] for end in (0, 1))
    shape = (len(members), len(members))
    graph = scipy.sparse.csr_array(([1] * len(edges), (rows, columns)), shape=shape)
    _count, labels = scipy.sparse.csgraph.connected_components(graph, directed=False)
    components: dict[int, list[Node]] = {}
    for node, label in zip(members, labels.tolist(), strict=True):
        components.setdefault(label, []).append(node)
    return list(components.values())
