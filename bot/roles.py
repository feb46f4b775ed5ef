"""Who may do what: one table, read by every route, by the pages and by the test that tries them all.

A role holds rights; a route names the one right that it needs. `public` needs no log-in, `self` is one's own
account. Figures are counts without anything that leads to a person, so the press may have them.
"""

from __future__ import annotations

from typing import Literal, get_args

Role = Literal["operator", "reviewer", "supervisor", "admin", "auditor", "press"]
Right = Literal["public", "self", "figures", "operator", "reviewer", "supervisor", "auditor", "admin"]

_EVERYBODY: frozenset[Right] = frozenset({"public", "self", "figures"})
_SEAT: frozenset[Right] = _EVERYBODY | {"operator"}

RIGHTS: dict[str, frozenset[Right]] = {
    "operator": _SEAT,  # speaks with citizens, files tickets, corrects what was misread
    "reviewer": _SEAT | {"reviewer"},  # an operator who also confirms in the studio
    "supervisor": _SEAT | {"reviewer", "supervisor"},  # leads a shift, sees every conversation
    "admin": frozenset(get_args(Right)),
    "auditor": _EVERYBODY | {"auditor"},  # the trail and the figures, no conversation
    "press": _EVERYBODY,  # the figures alone
}
ROLES: tuple[Role, ...] = get_args(Role)


def may(role: str, right: Right) -> bool:
    """An unknown role may nothing."""
    return right in RIGHTS.get(role, frozenset())


def at_seat(role: str) -> bool:
    """Whether logging in means to sit down and serve: supervisors go on duty themselves."""
    return role in ("operator", "reviewer")
