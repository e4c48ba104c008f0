"""Who owns what a finding speaks of: the teams of the topics and clients that it names."""

import re
from collections.abc import Mapping, Sequence

from kafka_analysis.model.units import UNKNOWN, listed

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_MOST = 3


def owners_of(texts: Sequence[str], teams: Mapping[str, str]) -> str:
    """Return the teams of the names that texts hold as whole words; ``unknown`` where none is known.

    Parameters
    ----------
    texts
        Sentences that name topics, partitions (``orders-3``) or clients.
    teams
        Name → team.

    Examples
    --------
    >>> owners_of(["partition 4 of page_views takes 33 %."], {"page_views": "web", "views": "none"})
    'web'
    >>> owners_of(["broker 1 carries most"], {"page_views": "web"})
    'unknown'
    """
    words = [word for text in texts for word in _NAME.findall(text)]
    names = (name for word in words for name in (word, word.rstrip(".-"), re.sub(r"-\d+\.?$", "", word)))
    found = dict.fromkeys(teams[name] for name in names if name in teams)
    return listed(list(found), _MOST) if found else UNKNOWN
