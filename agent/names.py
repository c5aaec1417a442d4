"""From what a person types to the group, user or item that is meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from agent.facts import GroupRef
from tools.errors import UnknownName

# "2", "the group 2", "#2", and as answers word it: "group 2, Night Owls".
_GROUP_NUMBER = re.compile(
    r"(?:the\s+)?(?:groups?|segment|cluster|number|#|no\.?)?\s*#?(\d+)(?:,.*)?", re.IGNORECASE
)


def find_group(text: str, groups: Sequence[GroupRef]) -> GroupRef:
    """The group with this number or name; small misspellings of a name are forgiven.

    Raises: UnknownName, listing the groups.
    """
    wanted = text.strip()
    number = _GROUP_NUMBER.fullmatch(wanted)
    for group in groups:
        if (number and int(number[1]) == group.id) or wanted.casefold() == group.name.casefold():
            return group
    by_name = {g.name.casefold(): g for g in groups}
    stripped = re.sub(r"^(the|group)\s+|\s+group$", "", wanted.casefold())
    close = difflib.get_close_matches(stripped, by_name, n=1, cutoff=0.75)
    if close:
        return by_name[close[0]]
    listed = ", ".join(f"{g.id} {g.name}" for g in groups) or "none were found in this data"
    raise UnknownName(f"There is no group {text!r}. The groups are: {listed}.")


def find_id(text: str, ids: Mapping[str, str], what: str) -> str:
    """The id that `text` is, or whose title it is. ids: id → title (the id itself for users).

    Raises: UnknownName with the nearest ones.
    """
    wanted = text.strip()
    if wanted in ids:
        return wanted
    folded = {i.casefold(): i for i in ids} | {t.casefold(): i for i, t in ids.items()}
    if wanted.casefold() in folded:
        return folded[wanted.casefold()]
    pool = (
        list(folded)
        if len(folded) <= 20_000
        else [k for k in folded if k[:2] == wanted[:2].casefold()]
    )
    close = difflib.get_close_matches(wanted.casefold(), pool, n=3, cutoff=0.6)
    hint = f" Did you mean {', '.join(ids[folded[c]] for c in close)}?" if close else ""
    raise UnknownName(f"There is no {what} {text!r} among {len(ids):,} {what}s.{hint}")
