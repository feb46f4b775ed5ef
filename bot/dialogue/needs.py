"""What a request still needs: which details to ask for, in which order, and when it is enough."""

from __future__ import annotations

from collections.abc import Iterator

from actions.base import Draft
from bot.dialogue import details, places
from bot.dialogue.moment import Moment
from bot.dialogue.types import Service

SHORT_KINDS = ("question", "suggestion", "praise")  # for these the words are enough


def missing(moment: Moment, draft: Draft) -> Iterator[str]:
    """Names of details to ask for now, most important first; nothing when we asked enough."""
    state, policy = moment.state, moment.policy
    service = moment.service(draft.service)
    if service is None or state.questions >= policy.questions:
        return
    if "matter" not in state.tried and not details.substantive(draft.text, service):
        yield "matter"
    if draft.kind in SHORT_KINDS:
        return
    optional = [name for name, required in wanted(draft, service) if not required]
    for name, required in wanted(draft, service):
        asked_for_fun = sum(name in optional for name in state.tried)
        if name in state.tried or known(moment, draft, name, service):
            continue
        if required or asked_for_fun < policy.optional:
            yield name


def wanted(draft: Draft, service: Service) -> list[tuple[str, bool]]:
    """(name, required) of what the service asks for, required ones first."""
    out = []
    for detail in service.details:
        if not detail.ask or detail.name == "matter":
            continue
        if detail.name in details.CONTACT and draft.anonymous:
            continue
        required = detail.required and not (draft.kind == "tip" and detail.name in details.CONTACT)
        out.append((detail.name, required))
    return sorted(out, key=lambda one: not one[1])


def known(moment: Moment, draft: Draft, name: str, service: Service) -> bool:
    """Whether a detail, or another that says the same, is there."""
    have = draft.details
    if name == "place":
        required = any(d.name == "place" and d.required for d in service.details)
        coarse = required and places.coarse(have.get("place", ""), area_names(moment))
        return bool(draft.location) or ("place" in have and not coarse)
    if name in ("estate", "building", "district"):
        return name in have or ("place" in have and not places.coarse(have["place"], ()))
    if name in ("since", "time", "period"):
        return any(other in have for other in ("since", "time", "period"))
    if name in ("party", "shop", "employer"):
        return any(other in have for other in ("party", "shop", "employer"))
    return name in have


def area_names(moment: Moment) -> tuple[str, ...]:
    """Districts, towns and the city itself: too large to go to."""
    city = moment.catalogue.city
    tops = [name for name, parent in city.parents.items() if not parent]
    towns = [name for name, parent in city.parents.items() if parent in tops]
    return (
        city.name,
        city.short,
        *tops,
        *towns,
        *(a for a, n in city.aliases.items() if n in (*tops, *towns)),
    )


def fileable(moment: Moment, draft: Draft) -> bool:
    """Whether a department could work with it: the matter is told, and the place where one is needed."""
    service = moment.service(draft.service)
    if service is None or not details.substantive(draft.text, service):
        return False
    needs_place = draft.kind not in SHORT_KINDS and ("place", True) in wanted(draft, service)
    return not needs_place or bool(draft.location) or "place" in draft.details
