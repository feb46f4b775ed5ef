"""Citizens who do anything in any order: nothing breaks, nothing is lost, all is answered.

Thousands of steps through decide, the actions and the words, from fixed seeds, so a failure can be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from actions.base import AddDetail, Article, Draft, Feedback, FileTicket, RaiseAlarm, Say, Step
from bot import codec
from bot.dialogue import Policy
from bot.dialogue.types import Heard, State
from channels.base import AttachmentId
from tests.unit import fake_reader
from tests.unit.fake_desk import FakeDesk
from tests.unit.transcripts import Player

TEXTS = (
    "暖气不热|幸福里小区3栋|滨江区|13900001111|123|1|2|好|确认|不是|跳过|不方便|算了|匿名|改|不对，是3栋|电话写错了"
    "|另外路灯也坏了，黑得很|暖气不热。另外路灯不亮。还有垃圾没人清|请问户口怎么迁？|请问医保怎么交？|小区的事"
    "|都不是|转人工|谢谢|撤回|催一下|LJ2511260001 C0DE01|补充一下|5星|没解决|着火了|废物|今天天气怎么样"
    "|The heating is broken|English|中文|？？？|😀|我家住在解放路128号，路灯坏了三天|不是暖气是自来水停水"
    "|对，就是这样|你们几点上班？|要电话干什么|再说一遍|我要匿名举报村支书贪污|老板拖欠我们20多人工资18万"
    "|我要表扬12路公交司机|哎呀那个那个"
)
BUTTONS = (
    "confirm|change|cancel|skip|file|anonymous|person|progress|menu:report|menu:question|service:heating"
    "|service:none|rate:5|solved:no:LJ2511260001|helped:no:a1|helped:yes:a1|urge:LJ2511260001|withdraw-yes"
    "|withdraw-no|use:解放路128号|leave_queue|nonsense"
)
EVENTS = ("silence", "subscribe", "open", "unsubscribe", "menu", "scan", "opt_in")


def walk(chance: random.Random, steps: int) -> Iterator[dict[str, Any]]:
    for _ in range(steps):
        dice = chance.random()
        if dice < 0.62:
            yield {"citizen": chance.choice(TEXTS.split("|"))}
        elif dice < 0.72:
            yield {"citizen": chance.choice(TEXTS.split("|")), "model": chance.choice(["down", "gone"])}
        elif dice < 0.84:
            yield {"button": chance.choice(BUTTONS.split("|"))}
        elif dice < 0.89:
            yield {"event": chance.choice(EVENTS), "later": chance.choice([5, 9000])}
        elif dice < 0.94:
            yield {"photos": chance.randint(1, 3)}
        elif dice < 0.97:
            yield {"location": [30.5, 114.3, chance.choice(["", "人民公园"])]}
        else:
            yield {"voice": True, "photos": 1}


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_is_said_is_answered_and_kept(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        desk = FakeDesk(staffed=chance.random() < 0.7)
        desk.articles["户口"] = Article("a1", "户口", "去派出所")
        player, history = Player(fake_reader.read, desk), []
        for line in walk(chance, 14):
            history.append(line)
            await step(player, line, history)


async def step(player: Player, line: dict[str, Any], history: list[dict[str, Any]]) -> None:
    heard: Heard | None = player.heard(line)
    while heard is not None:
        before, player.steps, player.said = player.state, [], []
        following = await player.hear(heard)
        after, steps = player.state, player.steps
        assert codec.load(State, codec.dump(after)) == after
        assert after.questions <= Policy().questions
        assert after.misunderstood < Policy().misunderstood
        assert len(after.tried) <= 20
        spoke = heard.text.strip() or heard.payload
        waits = bool(heard.understanding and heard.understanding.failure)
        assert not spoke or heard.event or player.said or waits, history
        assert not (following and after.draft), history
        assert set(before.pending) <= {*after.pending, following}, history
        assert set(before.loose) <= {*after.loose, *photos(after, steps)}, history
        if before.draft and not ended(before, steps, heard.event):
            assert kept(before.draft, after, steps, following), history
        heard = player.heard({"citizen": following}) if following else None


def kept(draft: Draft, state: State, steps: list[Step], following: str) -> bool:
    """Whether the words and photos of an open request are in one that is open, filed, alarmed or queued."""
    if draft.text in (*state.pending, following):
        return True
    filed = [one.draft for one in steps if isinstance(one, FileTicket | RaiseAlarm)]
    return any(
        one.text.startswith(draft.text) and set(draft.attachments) <= set(one.attachments)
        for one in (state.draft, *filed)
        if one
    )


def ended(before: State, steps: list[Step], event: str | None) -> bool:
    """Whether the citizen stopped it, or its question had been answered."""
    stopped = any(isinstance(one, Say) and one.key == "cancelled" for one in steps)
    helped = any(isinstance(one, Feedback) and one.helped for one in steps)
    return stopped or helped or bool(before.article)


def photos(state: State, steps: list[Step]) -> set[AttachmentId]:
    """Where photos may go: into a request, or to a ticket."""
    found = set(state.draft.attachments if state.draft else ())
    for one in steps:
        if isinstance(one, AddDetail):
            found |= set(one.attachments)
        elif isinstance(one, FileTicket | RaiseAlarm):
            found |= set(one.draft.attachments)
    return found
