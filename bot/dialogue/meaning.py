"""What a message means here and now: model, rules, buttons and the last question read together.

It decides nothing. A stock Rasa answer (one ranking, no heads) is enough: the kind then comes from rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from actions.base import Kind
from bot.dialogue import phrases, splitting
from bot.dialogue.policy import Policy
from bot.dialogue.types import Guess, Heard, State, Understanding
from bot.words import say

if TYPE_CHECKING:
    from bot.services import Catalogue

_NAMED: dict[str, Kind] = {
    "投诉": "complaint",
    "举报": "tip",
    "表扬": "praise",
    "咨询": "question",
    "求助": "help",
    "建议": "suggestion",
}
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("praise", re.compile(r"表扬|点赞|感谢信|好人好事|拾金不昧|锦旗|praise|commend", re.I)),
    ("tip", re.compile(r"举报|检举|揭发|blow the whistle", re.I)),
    ("complaint", re.compile(r"投诉|complain", re.I)),
    (
        "suggestion",
        re.compile(r"建议|希望(?:能|可以|政府|有关)|能否增|应该?(?:增设|设置|改成)|suggest", re.I),
    ),
    (
        "question",
        re.compile(
            r"咨询|请问|想问|问一下|怎么(?:办|交|缴|申请|查)|如何|什么(?:条件|材料|手续)|how (?:do|can|to)",
            re.I,
        ),
    ),
    ("help", re.compile(r"求助|请求|帮帮|帮忙|救救", re.I)),
)
_ORDINALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "first": 1, "second": 2, "third": 3}
_PICK = re.compile(
    r"^\s*(?:(?:选|选择|我选|第|回复|no\.?|the)\s*)?([1-9一二两三四五①②③④⑤]|first|second|third)(?:\s*(?:个|项|条|号|one))?(?:\s*[.。、!！吧])?\s*$",
    re.IGNORECASE,
)
_LATIN = re.compile(r"[A-Za-z]{2,}")
_EXPLICIT = re.compile(
    r"(?:^|我|要|想|来|请求?)(投诉|举报|表扬|咨询|求助|建议)|的(投诉|举报|表扬|咨询|求助|建议)[。！!]?$"
)
_EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`act` is "" where the message is no act but a matter; `services` are known ones, best first."""

    text: str
    payload: str
    act: str
    by_rule: bool  # the whole message is such a phrase, so it says nothing else
    kind: Kind | None
    services: tuple[Guess, ...]
    sure: bool
    emergency: bool
    requests: tuple[str, ...]  # separate ones of this message; empty when it holds one
    heard: Understanding

    @property
    def service(self) -> str:
        return self.services[0].name if self.services else ""

    @property
    def confidence(self) -> float:
        return self.services[0].confidence if self.services else 0.0

    @property
    def failed(self) -> bool:
        return self.heard.failure is not None


def read(state: State, heard: Heard, catalogue: Catalogue, policy: Policy) -> Meaning:
    understanding = heard.understanding or Understanding(heard.text)
    payload = heard.payload if heard.event in (None, "menu") else ""
    payload = payload or picked(state, heard.text)
    ranked = tuple(g for g in understanding.services if catalogue.get(g.name))
    known = tuple(g for g in ranked if g.name != _EMERGENCY)
    certain = sure(known, policy)
    if heard.queued and state.refused:  # once mistaken, it asks unless it is quite sure
        known = _without(known, state.refused)
        certain = sure(known, policy) and known[0].confidence >= policy.switch
    rule = phrases.act_of(heard.text)
    modelled = _act(understanding, catalogue, policy)
    return Meaning(
        text=heard.text.strip(),
        payload=payload,
        act="" if payload else rule or modelled,
        by_rule=bool(rule) and not payload,
        kind=kind_of(understanding, policy),
        services=known,
        sure=certain and not untaught(heard.text),
        emergency=bool(ranked) and ranked[0].name == _EMERGENCY and ranked[0].confidence >= policy.threshold,
        requests=splitting.requests(heard.text, understanding.requests),
        heard=understanding,
    )


def _without(services: tuple[Guess, ...], refused: tuple[str, ...]) -> tuple[Guess, ...]:
    """The others, as likely as they are once these are known to be wrong."""
    left = 1 - sum(guess.confidence for guess in services if guess.name in refused)
    others = [guess for guess in services if guess.name not in refused]
    return tuple(Guess(g.name, min(1.0, g.confidence / left) if left > 0 else 0.0) for g in others)


def untaught(text: str) -> bool:
    """Foreign words."""
    return bool(_LATIN.search(text)) and not phrases.taught(text)


def sure(services: tuple[Guess, ...], policy: Policy) -> bool:
    """The gap rule: likely by itself, and clearly more likely than the next."""
    if not services or services[0].confidence < policy.threshold:
        return False
    runner_up = services[1].confidence if len(services) > 1 else 0.0
    return services[0].confidence - runner_up >= policy.gap


def clear(understanding: Understanding, policy: Policy) -> bool:
    """Whether the message was read well enough to act on: a danger, a request, or an act that we serve."""
    act = understanding.act
    known = act is not None and act.confidence >= policy.act and act.name != "out_of_scope"
    return bool(understanding.alarms) or known or sure(understanding.services, policy)


def picked(state: State, text: str) -> str:
    """The payload of the choice meant by "1", "第一个" or its own label."""
    if not state.offered:
        return ""
    for choice in state.offered:
        label = say(state.language, choice.label[1:]) if choice.label.startswith("@") else choice.label
        if text.strip() and text.strip() == label:
            return choice.payload
    match = _PICK.match(text)
    if match is None or (state.asked in _NUMERIC and text.strip().isdigit()):
        return ""
    word = match.group(1).lower()
    number = _ORDINALS.get(word) or ("①②③④⑤".find(word) + 1) or int(word)
    return state.offered[number - 1].payload if number <= len(state.offered) else ""


_NUMERIC = frozenset({"people", "amount", "grade", "building", "line", "account", "period"})


def _act(understanding: Understanding, catalogue: Catalogue, policy: Policy) -> str:
    act = understanding.act
    if act is None and understanding.services and understanding.services[0].name in catalogue.acts:
        act = understanding.services[0]
    if act is not None and act.confidence >= policy.act:
        return act.name
    return phrases.ticket_act_of(understanding.text) if understanding.failure or act is None else ""


def kind_of(understanding: Understanding, policy: Policy) -> Kind | None:
    """What the citizen calls it, else the kind from its own head, else from other words; None: the usual."""
    named = _EXPLICIT.search(understanding.text)
    if named:
        return _NAMED[named.group(1) or named.group(2)]
    guess = understanding.kind
    if guess is not None and guess.confidence >= policy.kind and guess.name != "other":
        return cast(Kind, guess.name)
    return next((kind for kind, pattern in _KINDS if pattern.search(understanding.text)), None)
