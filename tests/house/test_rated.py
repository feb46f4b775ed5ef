"""The citizen's side of a conversation with a person, through the real doors: who is there, what they say,
that they left, the stars by menu or digit, and the words that follow."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.demo import DOORS
from bot.seats import handover, rating
from bot.store.handovers import Rating
from bot.store.operators import Operator
from standins.phones import Doors
from standins.twilio import TwilioPhone
from standins.wechat_phone import Account, WeChatPhone
from tests.conftest import Running, until
from tests.house.test_doors import NUMBER, claimed, say_as, texts


@pytest.fixture
def doors(house: Running) -> Doors:
    return house.app[DOORS]


@pytest.fixture
def phone(doors: Doors) -> WeChatPhone:
    settings = doors.settings
    secret = settings.text("wechat_token")
    account = Account(
        doors.webhook("wechat"), secret, settings.wechat_appid, settings.text("wechat_aes_key"), "safe"
    )
    return WeChatPhone(doors.wechat, account, "oRates1")


async def leaves(house: Running, operator: Operator, conversation: int) -> None:
    async with house.world.session.begin() as session:
        await handover.close(session, conversation, operator)
        await rating.ask(session, conversation, free_text=True)


async def rated(house: Running, **wanted: Any) -> Rating:
    async def found() -> Rating | None:
        async with house.world.session() as session:
            row: Rating | None = await session.scalar(select(Rating))
        return row if row and all(getattr(row, name) == value for name, value in wanted.items()) else None

    row: Rating = await until(found)
    return row


async def shows(doors: Doors, phone: WeChatPhone, *words: str) -> None:
    async def shown() -> bool:
        everything = "".join(texts(doors, phone))
        return all(word in everything for word in words)

    await until(shown)


async def test_wechat_hears_who_is_there_and_rates_by_menu_and_in_words(
    phone: WeChatPhone, doors: Doors, house: Running
) -> None:
    await phone.say("转人工")
    operator, conversation = await claimed(house)
    await say_as(house, operator, conversation, "您好，我来帮您看")
    await shows(doors, phone, "小王 来为您服务了", "我来帮您看")
    await leaves(house, operator, conversation)
    await shows(doors, phone, "这次服务结束了", "请打个分")
    menu = doors.wechat.outlet.of(phone.openid)[-1].options
    assert len(menu) == 5 and "非常满意" in str(menu[-1])
    answered = await phone.say("2")
    assert answered.reply and "没让您满意" in answered.reply.text
    await rated(house, stars=2, conversation_id=conversation, operator_id=operator.id)
    answered = await phone.say("等了好久才有人，说话也冲")
    assert answered.reply and "值班长会看到" in answered.reply.text
    await rated(house, stars=2, words="等了好久才有人，说话也冲")


async def test_a_new_matter_after_the_stars_is_a_request_and_no_rating(
    phone: WeChatPhone, doors: Doors, house: Running
) -> None:
    await phone.say("转人工")
    operator, conversation = await claimed(house)
    await say_as(house, operator, conversation, "您好")
    await leaves(house, operator, conversation)
    await shows(doors, phone, "请打个分")
    await phone.say("5")
    answered = await phone.say("幸福里小区3栋1201暖气不热，已经三天了，电话13812345678")
    assert answered.reply and "我记的是这样" in answered.reply.text
    await rated(house, stars=5, words="")


async def test_an_sms_rates_with_a_digit(doors: Doors, house: Running) -> None:
    texting = TwilioPhone(doors.twilio, doors.webhook("sms/twilio"), NUMBER)
    await texting.say("转人工")
    operator, conversation = await claimed(house)
    await say_as(house, operator, conversation, "您好")
    await leaves(house, operator, conversation)

    async def asked() -> bool:
        return any("5. 非常满意" in delivery.text for delivery in doors.twilio.outlet.of(NUMBER))

    await until(asked)
    await texting.say("4")
    await rated(house, stars=4)
