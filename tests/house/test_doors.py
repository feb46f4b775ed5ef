"""The whole path through the real doors: providers' stand-ins push, the house answers through their APIs."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from bot.demo import DOORS
from bot.store.conversations import Attachment, Conversation, Inbox, Message, Outbox
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.tickets import Ticket
from standins.aliyun import AliyunPhone
from standins.phones import Doors
from standins.tencent import TencentPhone
from standins.twilio import TwilioPhone
from standins.wechat_phone import Account, WeChatPhone
from tests.conftest import Running, until
from tests.house.conftest import count

if TYPE_CHECKING:
    from tests.house.nlu import KeywordNlu

COMPLAINT = "幸福里小区3栋1201暖气不热，已经三天了，电话13812345678"
NUMBER = "+8613912345678"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def doors(house: Running) -> Doors:
    return house.app[DOORS]


@pytest.fixture
def phone(doors: Doors) -> WeChatPhone:
    settings = doors.settings
    account = Account(
        doors.webhook("wechat"),
        settings.text("wechat_token"),
        settings.wechat_appid,
        settings.text("wechat_aes_key"),
        "safe",
    )
    return WeChatPhone(doors.wechat, account, "oCitizen1")


def texts(doors: Doors, phone: WeChatPhone) -> list[str]:
    return [d.text for d in doors.wechat.outlet.of(phone.openid)]


async def test_wechat_answers_inside_the_five_seconds(
    phone: WeChatPhone, doors: Doors, house: Running
) -> None:
    first = await phone.say(COMPLAINT)
    assert first.reply and "我记的是这样" in first.reply.text
    second = await phone.say("1")
    assert second.reply and "登记好了" in second.reply.text
    assert await count(house.world, Ticket) == 1
    await asyncio.sleep(0.3)
    assert [d.via for d in doors.wechat.outlet.of(phone.openid)] == ["passive", "passive"]


async def test_a_repeated_wechat_push_gets_the_same_answer_and_no_second_turn(
    phone: WeChatPhone, house: Running
) -> None:
    await phone.say(COMPLAINT)
    fields = phone.message("text", Content="1")
    answers = await asyncio.gather(*(phone.send_once(fields) for _ in range(5)))
    answers.append(await phone.send_once(fields))
    assert len({phone.read_reply(a.body) for a in answers}) == 1
    assert await count(house.world, Ticket) == 1 and await count(house.world, Inbox) == 2


async def test_a_slow_turn_is_answered_through_the_api(
    phone: WeChatPhone, doors: Doors, nlu: KeywordNlu, house: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel: Any = house.world.channels["wechat"]
    monkeypatch.setattr(
        channel, "_config", type(channel._config)(**{**vars_of(channel._config), "passive_seconds": 0.3})
    )
    nlu.delay = 1.0
    pushed = await phone.say(COMPLAINT)
    assert pushed.reply is None and pushed.answered.body == "success"
    (delivery,) = await doors.wechat.outlet.wait(phone.openid)
    assert delivery.via == "api" and "我记的是这样" in delivery.text


def vars_of(config: Any) -> dict[str, Any]:
    return {name: getattr(config, name) for name in type(config).__dataclass_fields__}


async def claimed(house: Running, operator_name: str = "小王") -> tuple[Operator, int]:
    """An operator who has the only waiting conversation."""
    from bot.seats import handover as seats

    async def queued() -> bool:
        return await count(house.world, Handover, Handover.status == "queued") == 1

    await until(queued)
    async with house.world.session.begin() as session:
        operator = Operator(
            login="w", name=operator_name, password="x", presence="online", seen_at=datetime.now(UTC)
        )
        session.add(operator)
        await session.flush()
        row = (await session.scalars(select(Handover))).one()
        conversation = await seats.claim(session, row.id, operator)
        return operator, conversation.id


async def say_as(house: Running, operator: Operator, conversation: int, text: str) -> None:
    from bot.seats import handover as seats

    async with house.world.session.begin() as session:
        await seats.reply(session, conversation, operator, text)


async def test_a_persons_words_reach_wechat_until_the_quota_is_used_and_again_after_the_next_word(
    phone: WeChatPhone, doors: Doors, house: Running
) -> None:
    await phone.say("转人工")
    operator, conversation = await claimed(house)
    for n in range(8):
        await say_as(house, operator, conversation, f"第{n}句")
        await asyncio.sleep(0.15)

    async def held() -> int:
        return await count(house.world, Outbox, Outbox.status == "held")

    await until(held)
    api = [d.text for d in doors.wechat.outlet.of(phone.openid) if d.via == "api"]
    assert len(api) == 5 and await count(house.world, Outbox, Outbox.status == "given_up") == 0
    await phone.say("还在吗")

    async def all_said() -> bool:
        return all(any(f"第{n}句" in text for text in texts(doors, phone)) for n in range(8))

    await until(all_said)
    said = "".join(texts(doors, phone))
    assert [said.index(f"第{n}句") for n in range(8)] == sorted(said.index(f"第{n}句") for n in range(8))


async def test_long_answers_are_cut_to_what_wechat_takes(
    phone: WeChatPhone, doors: Doors, house: Running
) -> None:
    await phone.say("转人工")
    operator, conversation = await claimed(house)
    long = "这是很长的一句话。" * 160
    await say_as(house, operator, conversation, long)

    async def arrived() -> bool:
        return long in "".join(texts(doors, phone))

    await until(arrived)
    assert all(len(text.encode()) <= 2000 for text in texts(doors, phone))


async def test_after_48_hours_nothing_is_sent_in_vain(
    phone: WeChatPhone, doors: Doors, house: Running
) -> None:
    await phone.say("转人工")
    operator, conversation = await claimed(house)
    await until_count(doors, phone, 2)
    async with house.world.session.begin() as session:
        old = datetime.now(UTC) - timedelta(hours=49)
        await session.execute(update(Conversation).values(last_inbound_at=old))
    await say_as(house, operator, conversation, "您好")

    async def held() -> bool:
        return await count(house.world, Outbox, Outbox.status == "held", Outbox.error == "window") == 1

    await until(held)
    assert "您好" not in texts(doors, phone)


async def until_count(doors: Doors, phone: WeChatPhone, n: int) -> None:
    await doors.wechat.outlet.wait(phone.openid, n)


async def test_a_picture_is_fetched_and_travels_with_the_ticket(phone: WeChatPhone, house: Running) -> None:
    await phone.show(PIXEL, "image/png")

    async def stored() -> bool:
        return await count(house.world, Attachment, Attachment.status == "stored") == 1

    await until(stored)
    await phone.say(COMPLAINT)
    await phone.say("1")
    async with house.world.session() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        from bot.store.tickets import TicketAttachment

        links = (await session.scalars(select(TicketAttachment.ticket_id))).all()
    assert list(links) == [ticket.id]


async def test_unsubscribing_stops_delivery_and_subscribing_greets(
    phone: WeChatPhone, house: Running
) -> None:
    welcome = await phone.follow()
    assert welcome.reply and "12345" in welcome.reply.text
    await phone.leave()

    async def out() -> bool:
        return await count(house.world, Conversation, Conversation.opted_out) == 1

    await until(out)
    again = await phone.follow()
    assert again.reply


@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
async def test_a_template_only_sms_complaint_becomes_a_ticket_with_a_receipt(
    provider: str, doors: Doors, house: Running
) -> None:
    make: Callable[..., Any] = AliyunPhone if provider == "aliyun" else TencentPhone
    standin = getattr(doors, provider)
    webhook = doors.webhook(f"sms/{provider}/{doors.settings.text(f'{provider}_secret')}")
    texting = make(standin, webhook, NUMBER)
    assert (await texting.say(COMPLAINT)).status == 200
    (receipt,) = await standin.outlet.wait(NUMBER)
    async with house.world.session() as session:
        ticket = (await session.scalars(select(Ticket))).one()
    assert ticket.number in receipt.text and ticket.code in receipt.text
    assert ticket.source == f"sms/{provider}"


async def test_a_template_only_citizen_goes_on_in_the_web_chat(doors: Doors, house: Running) -> None:
    from bot.app import HOUSE

    webhook = doors.webhook(f"sms/aliyun/{doors.settings.text('aliyun_secret')}")
    texting = AliyunPhone(doors.aliyun, webhook, NUMBER)
    await texting.say("家里暖气不热")
    (link,) = await doors.aliyun.outlet.wait(NUMBER)
    token = link.text.split("?c=")[1]
    sender = house.app[HOUSE].sender_of(token, 3600)
    assert sender == ("sms/aliyun", NUMBER)
    lines = await house.app[HOUSE].lines(*sender, 0)
    assert lines[0].text == "家里暖气不热" and len(lines) > 1


async def test_free_text_sms_talks_like_any_channel(doors: Doors, house: Running) -> None:
    texting = TwilioPhone(doors.twilio, doors.webhook("sms/twilio"), NUMBER)
    await texting.say(COMPLAINT)
    (summary,) = await doors.twilio.outlet.wait(NUMBER)
    assert "我记的是这样" in summary.text and "1" in summary.text
    await texting.say("1")
    receipt = (await doors.twilio.outlet.wait(NUMBER, 2))[-1]
    assert "登记好了" in receipt.text
    await doors.twilio.report(receipt.ref, "delivered")

    async def delivered() -> bool:
        return await count(house.world, Outbox, Outbox.status == "delivered") == 1

    await until(delivered)


async def test_who_opts_out_is_not_texted_and_reaches_no_bot(
    doors: Doors, house: Running, nlu: KeywordNlu
) -> None:
    texting = TwilioPhone(doors.twilio, doors.webhook("sms/twilio"), NUMBER)
    await texting.say("家里暖气不热")
    before = len(await doors.twilio.outlet.wait(NUMBER))
    asked = len(nlu.asked)
    await texting.say("退订")
    await asyncio.sleep(0.5)
    assert len(nlu.asked) == asked
    await texting.say("路灯不亮")
    await asyncio.sleep(0.5)
    assert len(doors.twilio.outlet.of(NUMBER)) == before
    assert await count(house.world, Message, Message.author == "citizen") == 3


async def test_danger_by_template_only_sms_names_the_number_to_call(doors: Doors, house: Running) -> None:
    webhook = doors.webhook(f"sms/tencent/{doors.settings.text('tencent_secret')}")
    await TencentPhone(doors.tencent, webhook, NUMBER).say("我站在楼顶，不想活了")
    (said,) = await doors.tencent.outlet.wait(NUMBER)
    assert "110" in said.text
    assert await count(house.world, Handover, Handover.urgency == "emergency") == 1


async def test_a_provider_that_is_away_gets_the_message_later(
    phone: WeChatPhone, doors: Doors, house: Running
) -> None:
    await phone.say("转人工")
    operator, conversation = await claimed(house)
    await until_count(doors, phone, 2)
    doors.wechat.fail_next.extend([-1, -1])
    await say_as(house, operator, conversation, "您好")

    async def failed_once() -> bool:
        return await count(house.world, Outbox, Outbox.attempts >= 1, Outbox.status == "queued") == 1

    await until(failed_once)
    async with house.world.session.begin() as session:
        await session.execute(
            update(Outbox).where(Outbox.status == "queued").values(due_at=datetime.now(UTC))
        )
    await until_count(doors, phone, 3)
    assert texts(doors, phone).count("您好") == 1
