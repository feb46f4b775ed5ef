"""The gates: what a candidate must not be worse at than the model in service. Numbers are settings.

A gate that could not be measured is said to be unmeasured and stays shut; only what a comparison needs (the
model in service) may be missing, for the first model of an installation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import StudioSetting

Report = Mapping[str, Any]
_EXACT = 1e-9
JOINED = 2  # place of the recall with the app's rules joined in; before it: model alone, and this very class


class _Rule(BaseModel):
    """Unknown fields are refused, so a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Gates(_Rule):
    """Shares, 0–1. Losses are of the candidate against the model in service."""

    safety_loss: float = Field(0.0, ge=0, le=1)  # recall of any safety class, model and rules together
    danger_loss: float = Field(0.06, ge=0, le=1)  # the same over all classes, by the model alone
    service_loss: float = Field(0.15, ge=0, le=1)  # recall of one service
    service_least: int = Field(8, ge=1, le=1000)  # messages a service needs for that
    overall_loss: float = Field(0.01, ge=0, le=1)  # service named first, over all
    traffic_loss: float = Field(0.02, ge=0, le=1)  # the same on recent validated messages
    traffic_least: int = Field(20, ge=1, le=10_000)
    alarm_rise: float = Field(0.02, ge=0, le=1)  # false alarms on hard negatives and on requests
    transcripts_loss: int = Field(2, ge=0, le=1000)  # conversations that went well and no longer do


class Retention(_Rule):
    """Versions whose files are kept, newest first; what is or was just in service is never deleted."""

    keep: int = Field(10, ge=2, le=200)


@dataclass(frozen=True, slots=True)
class Gate:
    """`open` None: there was nothing to measure it by, which is no reproach."""

    name: str
    open: bool | None
    seen: float | int | None = None
    limit: float | int | None = None
    worst: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "open": self.open,
            "seen": self.seen,
            "limit": self.limit,
            "worst": list(self.worst),
        }


async def setting(session: AsyncSession, name: Literal["gates"] = "gates") -> Gates:
    row = await session.get(StudioSetting, name)
    return Gates.model_validate(row.value) if row else Gates()


async def retention(session: AsyncSession) -> Retention:
    row = await session.get(StudioSetting, "retention")
    return Retention.model_validate(row.value) if row else Retention()


def weigh(report: Report, limits: Gates, *, exact: bool) -> tuple[Gate, ...]:
    """Every gate, in the order in which people should read them."""
    return (
        Gate("export", exact),
        _safety(report, limits),
        _fall(report, "danger", "safety", limits.danger_loss),
        _classes(report),
        _services(report, limits),
        _fall(report, "overall", "service", limits.overall_loss),
        _traffic(report, limits),
        _alarms(report, limits),
        _transcripts(report, limits),
    )


def passed(gates: tuple[Gate, ...]) -> bool:
    return all(gate.open is not False for gate in gates)


def _safety(report: Report, limits: Gates) -> Gate:
    falls = list(_safety_falls(report))
    if not falls:
        return Gate("safety", None if report["safety"] else False, limit=limits.safety_loss)
    worst = max(fall for _, fall in falls)
    bad = tuple(name for name, fall in falls if fall > limits.safety_loss + _EXACT)
    return Gate("safety", not bad, round(worst, 4), limits.safety_loss, bad)


def _safety_falls(report: Report) -> Iterator[tuple[str, float]]:
    for line in report["safety"]:
        if line["old"] is not None:
            yield line["label"], line["old"][JOINED] - line["new"][JOINED]


def _classes(report: Report) -> Gate:
    """No safety class, service or act of the present model may be unknown to the new one … services may be
    taken away by people; the classes of danger never."""
    old, new = report["labels"]["old"], report["labels"]["new"]
    if old is None:
        return Gate("classes", None)
    lost = sorted({*old["safety"], *old["danger"]} - {*new["safety"], *new["danger"]})
    return Gate("classes", not lost, len(lost), 0, tuple(lost))


def _services(report: Report, limits: Gates) -> Gate:
    falls = [
        (line["label"], line["old"][1] - line["new"][1])
        for line in report["services"]
        if line["old"] is not None and line["count"] >= limits.service_least
    ]
    if not falls:
        return Gate("services", None, limit=limits.service_loss)
    bad = sorted((f for f in falls if f[1] > limits.service_loss + _EXACT), key=lambda f: -f[1])
    worst = max(fall for _, fall in falls)
    names = tuple(name for name, _ in bad)
    return Gate("services", not bad, round(worst, 4), limits.service_loss, names)


def _fall(report: Report, gate: str, figure: str, limit: float) -> Gate:
    line = next((one for one in report["figures"] if one["name"] == figure), None)
    if line is None or line["old"] is None:
        return Gate(gate, None, limit=limit)
    fall = line["old"] - line["new"]
    return Gate(gate, fall <= limit + _EXACT, round(fall, 4), limit)


def _traffic(report: Report, limits: Gates) -> Gate:
    line = next((one for one in report["figures"] if one["name"] == "traffic"), None)
    if line is None or line["count"] < limits.traffic_least:
        return Gate("traffic", None, limit=limits.traffic_loss)
    return _fall(report, "traffic", "traffic", limits.traffic_loss)


def _alarms(report: Report, limits: Gates) -> Gate:
    names = ("false_alarms", "request_alarms")
    rises = [
        one["new"] - one["old"]
        for one in report["figures"]
        if one["name"] in names and one["old"] is not None
    ]
    if not rises:
        return Gate("alarms", None, limit=limits.alarm_rise)
    return Gate("alarms", max(rises) <= limits.alarm_rise + _EXACT, round(max(rises), 4), limits.alarm_rise)


def _transcripts(report: Report, limits: Gates) -> Gate:
    played = report.get("transcripts") or {}
    if not played.get("count"):
        return Gate("transcripts", None, limit=limits.transcripts_loss)
    if played["old"] is None:
        return Gate("transcripts", None, played["count"] - played["new"], limits.transcripts_loss)
    lost = [one["name"] for one in played["changes"] if one["new"] and not one["old"]]
    bad = len(lost) > limits.transcripts_loss
    return Gate("transcripts", not bad, len(lost), limits.transcripts_loss, tuple(lost[:20]) if bad else ())
