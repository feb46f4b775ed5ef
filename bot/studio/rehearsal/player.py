"""Plays whole conversations: the files of tests/conversations against a reader of one's choice.

A transcript is a list of lines. What the citizen does: `citizen` (words), `button`, `photos` (count),
`location` [lat, lon, label], `event` (silence, subscribe …), `voice: true`, `model: down|gone` (no answer;
gone: for too long), `later` (seconds that passed), `department` (state the department brings the last ticket
to). What must follow, each optional: `service`, `kind`, `asks` (what the last sentence asked), `says` (these
keys, in this order, others may stand between), `never` (keys that must not be said), `steps` (exactly),
`details` (name: a part of the value), `text` (a part of the draft's words), `pending` (how many requests
wait), `photos_kept`, `urgency`, `anonymous`, `language`, `reason` (of a hand-over), `choices` (how many are
offered). `reader: rules` marks a transcript that a real model need not agree with. A queued request
(`Decision.next`) is heard at once; its results count to the same line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any

import yaml

from actions.base import Article, Draft, FileTicket, HandOver, RaiseAlarm, Say, Step
from bot.config import ROOT
from bot.dialogue import decide
from bot.dialogue.types import Heard, Language, State, Understanding
from bot.registry import run
from bot.services import Catalogue, load_catalogue
from bot.studio.rehearsal.desk import NOW, DeskInMemory
from bot.words import say
from channels.base import AttachmentId, Choice

FOLDER = ROOT / "tests" / "conversations"
Reader = Callable[[str], Understanding]


@cache
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "nlu_data")


@dataclass(frozen=True)
class Transcript:
    file: str
    name: str
    desk: dict[str, Any]
    lines: list[dict[str, Any]]
    reader: str = ""  # "rules": needs sentences that only the reader by rules does not understand


def transcripts() -> Iterator[Transcript]:
    for path in sorted(FOLDER.glob("*.yml")):
        for one in yaml.safe_load(path.read_text("utf-8")):
            yield Transcript(
                path.name, one["conversation"], one.get("desk", {}), one["lines"], one.get("reader", "")
            )


@dataclass
class Player:
    """One conversation with its state, desk and clock."""

    read: Reader
    desk: DeskInMemory
    known_phone: str = ""
    brief: bool = False
    offered: Catalogue | None = None  # None: that of the files
    state: State = field(default_factory=State)
    first: bool = True
    photos: int = 0
    steps: list[Step] = field(default_factory=list)
    said: list[Say] = field(default_factory=list)

    async def line(self, line: dict[str, Any]) -> None:
        """One thing the citizen does, and the queued request that it may bring up."""
        self.steps, self.said = [], []
        self.desk.now += timedelta(seconds=line.get("later", 5))
        if "department" in line:
            number = next(reversed(self.desk.tickets), None)
            if number is None:
                raise ValueError("no ticket was filed that the department could answer")
            self.desk.close(number, line["department"])
            return
        heard: Heard | None = self.heard(line)
        while heard is not None:
            following = await self.hear(heard)
            heard = (
                None
                if not following
                else Heard(self.desk.now, text=following, understanding=self.read(following), queued=True)
            )

    async def hear(self, heard: Heard) -> str:
        """One decision carried out and said; returns the queued request that comes next."""
        decision = decide(self.state, heard, self.offered or catalogue())
        self.first = False
        said: list[Say] = []
        for step in decision.steps:
            said += await run(self.desk, step)
        self.state = remember(decision.state, said)
        self.desk.language = self.state.language
        for words in said:
            self._worded(words)
        self.steps += decision.steps
        self.said += said
        return decision.next

    def _worded(self, words: Say) -> None:
        """Everything that is said has words in the citizen's language."""
        labels = [choice.label[1:] for choice in words.choices if choice.label.startswith("@")]
        said = [say(self.state.language, words.key, **words.values)]
        if not all([*said, *(say(self.state.language, label) for label in labels)]):
            raise ValueError(f"no words for {words.key}")

    def heard(self, line: dict[str, Any]) -> Heard:
        text = str(line.get("citizen", ""))
        understanding = self.read(text) if text else None
        model = line.get("model", "")
        if understanding and model:
            understanding = Understanding(text, alarms=understanding.alarms, failure="TimeoutError")
        photos = [AttachmentId(f"photo-{self.photos + n}") for n in range(line.get("photos", 0))]
        self.photos += len(photos)
        latitude, longitude, label = line.get("location", (0.0, 0.0, ""))
        return Heard(
            now=self.desk.now,
            text=text,
            payload=line.get("button", ""),
            event=line.get("event"),
            attachments=tuple(photos),
            location=(latitude, longitude) if "location" in line else None,
            location_label=label,
            voice_unread=bool(line.get("voice")),
            understanding=understanding,
            known_phone=self.known_phone,
            brief=self.brief,
            staffed=self.desk.staffed,
            first=self.first,
            waited_long=model == "gone",
        )

    @property
    def draft(self) -> Draft | None:
        """The request of this line: what was filed or alarmed, else what is being collected."""
        for step in self.steps:
            if isinstance(step, FileTicket | RaiseAlarm):
                return step.draft
        return self.state.draft


def player(transcript: Transcript, read: Reader, offered: Catalogue | None = None) -> Player:
    setup = transcript.desk
    desk = DeskInMemory(now=NOW, staffed=setup.get("staffed", True))
    for word, answer in setup.get("articles", {}).items():
        desk.articles[word] = Article(id=f"about-{word}", question=word, answer=answer)
    return Player(
        read, desk, known_phone=setup.get("known_phone", ""), brief=setup.get("brief", False), offered=offered
    )


def misses(line: dict[str, Any], player: Player) -> Iterator[str]:
    """What of a line's expectations did not come true."""
    draft, state = player.draft, player.state
    keys = [words.key for words in player.said]
    seen: dict[str, Any] = {
        "service": draft.service if draft else None,
        "kind": draft.kind if draft else None,
        "asks": state.asked,
        "steps": [type(step).__name__ for step in player.steps if not isinstance(step, Say)],
        "pending": len(state.pending),
        "photos_kept": len(draft.attachments) if draft else len(state.loose),
        "urgency": draft.urgency if draft else None,
        "anonymous": draft.anonymous if draft else None,
        "language": state.language,
        "reason": next((s.reason for s in player.steps if isinstance(s, HandOver)), None),
        "choices": len(state.offered),
    }
    for name, wanted in line.items():
        if name in seen and seen[name] != wanted:
            yield f"{name}: wanted {wanted!r}, got {seen[name]!r}"
    if not _in_order(line.get("says", ()), keys):
        yield f"says: wanted {line['says']}, got {keys}"
    for key in line.get("never", ()):
        if key in keys:
            yield f"never: said {key}"
    for part in [line["text"]] if isinstance(line.get("text"), str) else line.get("text", ()):
        if draft is None or part not in draft.text:
            yield f"text: {part!r} is not in {draft.text if draft else None!r}"
    for name, part in line.get("details", {}).items():
        value = draft.details.get(name) if draft else None
        if (part is None and value) or (part is not None and str(part) not in (value or "")):
            yield f"details: {name} wanted {part!r}, got {value!r} of {dict(draft.details) if draft else {}}"


def _in_order(wanted: Sequence[str], keys: Sequence[str]) -> bool:
    rest = iter(keys)
    return all(key in rest for key in wanted)


async def play(transcript: Transcript, read: Reader, offered: Catalogue | None = None) -> list[str]:
    """Every miss of a transcript, each with its line; empty when all went as written."""
    one = player(transcript, read, offered)
    problems = []
    for number, line in enumerate(transcript.lines, start=1):
        await one.line(line)
        told = line.get("citizen") or line.get("button") or line.get("event") or "…"
        problems += [f"{number} {told!r}: {miss}" for miss in misses(line, one)]
    return problems


def remember(state: State, said: Sequence[Say]) -> State:
    """The state after the steps have run, as the turn keeps it: choices as shown, what actions found."""
    for words in said:
        if words.choices:
            state = replace(state, offered=tuple(_shown(choice, state.language) for choice in words.choices))
        if words.key in ("receipt", "receipt-silent", "receipt-urgent"):
            state = replace(state, ticket=str(words.values["number"]))
        if words.key == "answer":
            state = replace(state, article=str(words.values["article"]))
    return state


def _shown(choice: Choice, language: Language) -> Choice:
    """The choice with the label that the citizen saw, so that typing it means it."""
    label = say(language, choice.label[1:]) if choice.label.startswith("@") else choice.label
    return replace(choice, label=label)
