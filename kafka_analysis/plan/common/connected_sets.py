"""Join pairs into sets: whatever is linked, directly or through others, is in one set."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def connected_sets(count: int, links: Sequence[tuple[int, int]]) -> np.ndarray:
    """Return the set that each of ``count`` things is in, numbered by their first members.

    Examples
    --------
    >>> connected_sets(4, [(3, 1)]).tolist()
    [0, 1, 2, 1]
    """
    pairs = np.array(links, np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    _, first, label = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[label]
