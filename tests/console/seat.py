"""An operator's browser for tests: cookie, CSRF token, JSON; and citizens' conversations to work on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientResponse, ClientSession

from actions.base import Draft, ServiceId
from bot import codec
from bot.dialogue.types import Entity, Guess, State, Understanding
from bot.seats import handover
from bot.store import transcript
from bot.store.conversations import Conversation
from bot.tickets import filing
from bot.world import World


class Seat:
    def __init__(self, client: ClientSession) -> None:
        self.client = client
        self.csrf = ""
        self.me: dict[str, Any] = {}

    async def enter(self, login: str, password: str = "") -> Seat:
        body = {"login": login, "password": password or f"lianxin-{login}"}
        answer = await self.send("POST", "/api/login", body)
        self.csrf, self.me = answer["csrf"], answer["me"]
        return self

    async def raw(self, method: str, path: str, body: Any = None, **options: Any) -> ClientResponse:
        headers = {"X-CSRF-Token": self.csrf} | options.pop("headers", {})
        if body is not None:
            options["json"] = body
        return await self.client.request(method, path, headers=headers, **options)

    async def send(self, method: str, path: str, body: Any = None, status: int = 0, **options: Any) -> Any:
        """The JSON of an answer that must have this status (0: any success)."""
        response = await self.raw(method, path, body, **options)
        text = await response.text()
        assert response.status == status if status else response.status < 300, (response.status, text)
        return await response.json()

    async def get(self, path: str, status: int = 0, **query: Any) -> Any:
        return await self.send("GET", path, status=status, params=query)

    async def post(self, path: str, body: Any = None, status: int = 0) -> Any:
        return await self.send("POST", path, body, status)


DRAFT = Draft(
    service=ServiceId("heating"),
    kind="complaint",
    text="我家暖气不热，13812345678，城北区红旗社区8号楼",
    details={"place": "城北区红旗社区8号楼", "phone": "+8613812345678", "name": "张建国"},
    confidence=0.91,
)
HEARD = Understanding(
    text="我家暖气不热",
    services=(Guess("heating", 0.91), Guess("property_management", 0.04)),
    kind=Guess("complaint", 0.8),
    entities=(Entity("phone", "13812345678", 0, 11, "+8613812345678"),),
    model="m1",
)


async def citizen(
    world: World,
    channel: str = "wechat",
    address: str = "oAbc123",
    text: str = "我家暖气不热，我叫张建国，电话13812345678",
    draft: Draft | None = DRAFT,
) -> int:
    """A conversation in which a citizen said one thing and the assistant answered."""
    async with world.session.begin() as session:
        conversation = Conversation(
            channel=channel,
            address=address,
            address_index=world.sealer.index(f"{channel}:{address}"),
            last_inbound_at=datetime.now(UTC),
            state=codec.dump(State(draft=draft)) if draft else None,
            seq=0,
            mode="bot",
            language="zh",
            account="",
            opted_out=False,
        )
        session.add(conversation)
        await session.flush()
        await transcript.append(
            session,
            conversation,
            "citizen",
            text,
            understanding=codec.dump(HEARD),
            service="heating",
            confidence=0.91,
        )
        await transcript.say(session, conversation, "请问您的具体地址是？")
        return conversation.id


async def waits(world: World, conversation_id: int, urgency: str = "normal", **more: Any) -> int:
    """The conversation asks for a person; the hand-over's id."""
    async with world.session.begin() as session:
        conversation = await transcript.lock(session, conversation_id)
        row = await handover.queue(
            session, conversation, more.pop("reason", "asked"), urgency, more.pop("note", ""), **more
        )
        return row.id


async def filed(world: World, draft: Draft = DRAFT, conversation_id: int | None = None) -> str:
    """A ticket; its number."""
    async with world.session.begin() as session:
        conversation = await transcript.lock(session, conversation_id) if conversation_id else None
        return (await filing.file(session, world, draft, conversation)).number
