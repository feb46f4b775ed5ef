"""The only HTTP to the NLU. Joins model, safety net and time-outs into one Understanding; never raises.

Any server that speaks Rasa's `POST /model/parse` will do: what a stock server does not return stays empty.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import aiohttp
import structlog
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from bot import metrics
from bot.dialogue.phrases import taught
from bot.dialogue.types import Entity, Guess, Understanding
from bot.safety import Cries, SafetyNet
from bot.services import SAFETY
from bot.studio.plan import Plan
from channels.wild import clean

log = structlog.get_logger()
MAX_TEXT = 5000  # characters sent to the model; real letters reach 3,700
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_THRICE = re.compile(r"(?!(.)\1)([\u3400-\u9fff]{2,40}?)[\s,，。!！]*(?:\2[\s,，。!！]*){2}")
PRESENT = 0.15  # a service below this is none
GLIMPSE = 0.01  # all services together: below, an answer or a greeting is about none
DETAIL_ACTS = frozenset({"inform", "correct", "add_detail", "affirm", "deny", "not_solved", "urge"})
_ASKS = re.compile("投诉|举报|反映|反应一下|求助|咨询|请问|建议")
ANSWER_CAP = 1024 * 1024  # bytes; a real answer has a few thousand
TRIES = 3  # failures in a row, after which the model counts as away …
PAUSE = 2.0  # … and is asked again by one message every so many seconds
NOT_HERE = (404, 409)  # our NLU has not got the model that was asked for, or cannot read it
ALARM = 0.5  # a safety class of the model counts as raised from here …
GRAVE = {"self_harm": 0.4, "extreme_threat": 0.4, "abuse": 0.4}  # … and these, at which people hint, sooner


# A model may be wrong, even broken: what it says is outside text like any other.
Name = Annotated[str, AfterValidator(lambda name: clean(name)[:100])]
Share = Annotated[float, Field(allow_inf_nan=False), AfterValidator(lambda share: min(max(share, 0.0), 1.0))]


class _Guess(BaseModel):
    name: Name | None = None
    confidence: Share = 0.0


class _Entity(BaseModel):
    entity: Name
    value: Any = ""
    start: int = Field(0, ge=0)
    end: int = Field(0, ge=0)
    normalized: Any = None
    confidence_entity: Share | None = None


class _Request(BaseModel):
    text: str = ""


class _Parse(BaseModel):
    """Rasa's answer with our extra heads. Unknown keys are ignored: other servers add their own."""

    intent: _Guess = Field(default_factory=_Guess)
    intent_ranking: list[_Guess] = []
    service_ranking: list[_Guess] | None = None
    act: _Guess | None = None
    kind: _Guess | None = None
    safety: list[_Guess] | None = None  # no list: a stock server, which has no opinion
    conduct: list[_Guess] = []
    entities: list[_Entity] = []
    requests: list[_Request | str] = []
    model_id: Name = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Which intents are services, and which are acts: a stock server ranks them in one list."""

    services: frozenset[str]
    acts: frozenset[str]


class Understander:
    """Asks the NLU. `close()` at the end."""

    def __init__(self, url: str, timeout: float, net: SafetyNet, words: Words) -> None:
        self._url = url
        self._net = net
        self._words = words
        self._timeout = timeout
        self._failures = 0
        self._again_at = 0.0
        self._http: aiohttp.ClientSession | None = None
        self.plan = Plan()  # which model reads whom; the studio sets it
        self.missing: set[str] = set()  # models that our NLU was asked for and did not have

    def teach(self, words: Words, net: SafetyNet) -> None:
        """Other services, acts and rules for danger from now on."""
        self._words, self._net = words, net

    async def understand(self, text: str, conversation: int = 0) -> Understanding:
        cries = self._net.cries(text)
        started = time.perf_counter()
        if self._away(started):
            return Understanding(text, alarms=cries.raised, failure="away")
        try:
            answer = await self._read(text[:MAX_TEXT], self.plan.reads(conversation))
        except (aiohttp.ClientError, TimeoutError, ValidationError, ValueError) as error:
            self._failures += 1
            metrics.NLU_FAILURES.labels(type(error).__name__).inc()
            log.warning("nlu.failed", error=type(error).__name__)
            return Understanding(text, alarms=cries.raised, failure=type(error).__name__)
        self._failures = 0
        took = time.perf_counter() - started
        metrics.NLU_SECONDS.observe(took)
        heard = joined(text, answer, cries, self._words)
        if heard.service:
            metrics.NLU_CONFIDENCE.observe(heard.service.confidence)
        return replace(heard, took_ms=round(took * 1000, 1))

    async def second_opinion(self, text: str, model: str) -> Understanding | None:
        """What another model makes of it; None when it does not answer. Nothing waits for it."""
        try:
            answer = await self._parse(text[:MAX_TEXT], model)
        except (aiohttp.ClientError, TimeoutError, ValidationError, ValueError):
            return None
        return joined(text, answer, self._net.cries(text), self._words)

    def by_rules(self, text: str) -> Understanding:
        """What the safety net alone sees."""
        return Understanding(text, alarms=self._net.match(text), failure="not asked")

    def _away(self, now: float) -> bool:
        """A model that hangs would make each message wait for its time-out, the cry for help among them."""
        if self._failures < TRIES:
            return False
        if now < self._again_at:
            return True
        self._again_at = now + max(PAUSE, self._timeout)
        return False

    async def ready(self) -> bool:
        """Whether a model answers."""
        try:
            async with self._session().get(f"{self._url}/status") as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def _read(self, text: str, model: str) -> _Parse:
        """By the model of the plan; by whatever the NLU serves where it has not got that one."""
        try:
            return await self._parse(text, model)
        except aiohttp.ClientResponseError as error:
            if not model or error.status not in NOT_HERE:
                raise
            self.missing.add(model)
            log.warning("nlu.model_missing", model=model, status=error.status)
        return await self._parse(text, "")

    async def _parse(self, text: str, model: str) -> _Parse:
        async with self._session().post(
            f"{self._url}/model/parse",
            params={"model": model} if model else None,
            json={"text": text},
            allow_redirects=False,
        ) as response:
            response.raise_for_status()
            body = bytearray()
            async for chunk in response.content.iter_chunked(64 * 1024):
                body += chunk
                if len(body) > ANSWER_CAP:
                    raise ValueError("the answer has no end")
            return read_answer(bytes(body))

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout))
        return self._http


def read_answer(body: bytes) -> _Parse:
    """Raises ValidationError for what is no answer of Rasa's kind."""
    return _Parse.model_validate_json(body)


def joined(text: str, parse: _Parse, cries: Cries, words: Words) -> Understanding:
    """One Understanding from the model's answer and the net's alarms: either may raise one."""
    alarms = _believed(text, parse, cries)
    ranking = _guesses(parse.intent_ranking or [parse.intent])
    services = tuple(g for g in _guesses(parse.service_ranking or []) or ranking if g.name in words.services)
    services = _about(text, services, ranking)
    acts = (_guess(parse.act), *ranking[:1])
    act = next((guess for guess in acts if guess and guess.name in words.acts), None)
    hazards = tuple(guess for guess in _guesses(parse.safety or []) if guess.name in SAFETY)
    seen = hazards if taught(text) else ()
    sooner = GRAVE if _CHINESE.search(text) else {}
    loud = [g.name for i, g in enumerate(seen) if g.confidence >= (ALARM if i else sooner.get(g.name, ALARM))]
    raised = (*alarms, *(name for name in loud if name not in alarms))
    return Understanding(
        text=text,
        services=services,
        act=act,
        kind=_guess(parse.kind),
        alarms=raised,
        hazards=hazards,
        conduct=_conduct(text, parse) if _worded(text) else (),
        entities=tuple(_entity(e, text) for e in parse.entities),
        requests=tuple(r if isinstance(r, str) else r.text for r in parse.requests),
        model=parse.model_id,
    )


def _believed(text: str, parse: _Parse, cries: Cries) -> tuple[str, ...]:
    """The net's alarms. Words that mean nothing else are always believed; those that danger shares with
    ordinary complaints ("smoke", "nobody there") only if the model sees a glimpse of danger too, or has no
    opinion.
    """
    silent = parse.safety is not None and not parse.safety
    return cries.sure if silent and _CHINESE.search(text) else cries.raised


def _about(text: str, services: tuple[Guess, ...], ranking: tuple[Guess, ...]) -> tuple[Guess, ...]:
    """Which service, whatever the act. A model that ranks services and acts in one list gives
    "3栋1201暖气不热，电话138…" to `inform` and leaves little for heating: what went to acts with details
    belongs to it too, and all of it where the words say that something is asked for."""
    mass = sum(guess.confidence for guess in services)
    if not GLIMPSE <= mass < 1:
        return services
    asks = _ASKS.search(text) is not None
    share = 1 if asks else mass + sum(guess.confidence for guess in ranking if guess.name in DETAIL_ACTS)
    return tuple(Guess(guess.name, guess.confidence / mass * min(1.0, share)) for guess in services)


def _conduct(text: str, parse: _Parse) -> tuple[Guess, ...]:
    """What the model thinks, and the same words three times over, which characters do not tell it."""
    found = _guesses(parse.conduct)
    if not _THRICE.search(text):
        return found
    return (Guess("repeated", 1.0), *(guess for guess in found if guess.name != "repeated"))


def _worded(text: str) -> bool:
    """Whether there are words to judge a citizen's conduct by: a ticket number alone is no insult."""
    han = len(_CHINESE.findall(text))
    return han >= 2 and han * 3 >= len(text)


def _guess(guess: _Guess | None) -> Guess | None:
    return Guess(guess.name, guess.confidence) if guess and guess.name else None


def _guesses(guesses: list[_Guess]) -> tuple[Guess, ...]:
    return tuple(Guess(g.name, g.confidence) for g in guesses if g.name)


def _entity(found: _Entity, text: str) -> Entity:
    normal = found.normalized
    if isinstance(normal, Mapping):
        normal = normal.get("value", "")
    return Entity(
        name=found.entity,
        value=text[found.start : found.end] or str(found.value),
        start=found.start,
        end=found.end,
        normal="" if normal is None else str(normal),
        confidence=1.0 if found.confidence_entity is None else found.confidence_entity,
    )
