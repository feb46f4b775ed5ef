"""Every state of a ticket and every permitted move, in one table. Pure."""

from __future__ import annotations

from bot.errors import Conflict

# state → (Chinese, English)
STATES: dict[str, tuple[str, str]] = {
    "accepted": ("已受理", "Accepted"),
    "dispatched": ("已派单", "Sent to department"),
    "signed": ("办理中", "In progress"),
    "returned": ("已退单", "Returned by department"),
    "answered": ("已答复", "Answered"),
    "redo": ("重办中", "Being redone"),
    "closed": ("已办结", "Closed"),
    "not_accepted": ("不予受理", "Not accepted"),
    "withdrawn": ("已撤回", "Withdrawn"),
}

MOVES: dict[str, frozenset[str]] = {
    "accepted": frozenset({"dispatched", "answered", "not_accepted", "withdrawn"}),
    "dispatched": frozenset({"signed", "returned", "withdrawn"}),
    "signed": frozenset({"answered", "returned", "withdrawn"}),
    "returned": frozenset({"dispatched", "answered", "not_accepted", "withdrawn"}),
    "answered": frozenset({"closed", "redo"}),
    "redo": frozenset({"signed", "answered", "returned", "withdrawn"}),
    "closed": frozenset({"redo"}),
    "not_accepted": frozenset({"accepted"}),
    "withdrawn": frozenset(),
}

OPEN = frozenset({"accepted", "dispatched", "signed", "returned", "redo"})


def check(old: str, new: str) -> None:
    """Raises Conflict when the table does not permit the move."""
    if new not in MOVES.get(old, frozenset()):
        raise Conflict(f"工单不能从“{STATES[old][0]}”转为“{STATES.get(new, (new, new))[0]}”")
