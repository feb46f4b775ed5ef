"""What exists, said out loud: every channel and every action. A new one is a line here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from actions import (
    add_detail,
    answer_question,
    ask_redo,
    feedback,
    file_ticket,
    hand_over,
    raise_alarm,
    rate,
    rate_seat,
    ticket_status,
    urge,
    withdraw,
)
from actions.base import (
    AddDetail,
    AnswerQuestion,
    AskRedo,
    Desk,
    Feedback,
    FileTicket,
    HandOver,
    RaiseAlarm,
    Rate,
    RateSeat,
    Say,
    Step,
    TicketStatus,
    Urge,
    Withdraw,
)
from bot.config import Settings
from bot.errors import ConfigError
from bot.store.session import AWAY
from channels.base import Channel
from channels.sms import NAMES as TEXT_CHANNELS
from channels.sms.aliyun import Aliyun, AliyunConfig
from channels.sms.tencent import Tencent, TencentConfig
from channels.sms.twilio import Twilio, TwilioConfig
from channels.web.channel import WebChat
from channels.web.chat import WebOptions
from channels.wechat.channel import WeChat, WeChatConfig

ACTIONS: dict[type[Any], Callable[[Desk, Any], Awaitable[list[Say]]]] = {
    AddDetail: add_detail.run,
    AnswerQuestion: answer_question.run,
    AskRedo: ask_redo.run,
    Feedback: feedback.run,
    FileTicket: file_ticket.run,
    HandOver: hand_over.run,
    RaiseAlarm: raise_alarm.run,
    Rate: rate.run,
    RateSeat: rate_seat.run,
    TicketStatus: ticket_status.run,
    Urge: urge.run,
    Withdraw: withdraw.run,
}


async def run(desk: Desk, step: Step) -> list[Say]:
    """Carry one step out; returns what to say."""
    return [step] if isinstance(step, Say) else await ACTIONS[type(step)](desk, step)


def wechat(s: Settings) -> Channel:
    return WeChat(
        WeChatConfig(
            token=s.text("wechat_token"),
            appid=s.wechat_appid,
            secret=s.text("wechat_secret"),
            aes_key=s.text("wechat_aes_key"),
            aes_key_previous=s.text("wechat_aes_key_previous"),
            api_url=s.wechat_api_url,
            passive_seconds=s.passive_seconds,
        )
    )


def twilio(s: Settings) -> Channel:
    return Twilio(
        TwilioConfig(
            account_sid=s.twilio_account_sid,
            auth_token=s.text("twilio_auth_token"),
            sender=s.twilio_from,
            public_url=s.url,
            free_text=s.twilio_free_text,
            api_url=s.twilio_api_url,
        )
    )


def aliyun(s: Settings) -> Channel:
    return Aliyun(
        AliyunConfig(
            secret=s.text("aliyun_secret"),
            access_key_id=s.aliyun_access_key_id,
            access_key_secret=s.text("aliyun_access_key_secret"),
            sign_name=s.aliyun_sign_name,
            templates=s.aliyun_templates,
            free_text=s.aliyun_free_text,
            api_url=s.aliyun_api_url,
        )
    )


def tencent(s: Settings) -> Channel:
    return Tencent(
        TencentConfig(
            secret=s.text("tencent_secret"),
            secret_id=s.tencent_secret_id,
            secret_key=s.text("tencent_secret_key"),
            sdk_app_id=s.tencent_sdk_app_id,
            sign_name=s.tencent_sign_name,
            templates=s.tencent_templates,
            free_text=s.tencent_free_text,
            region=s.tencent_region,
            api_url=s.tencent_api_url,
        )
    )


def web(s: Settings) -> Channel:
    origins = tuple(origin.strip() for origin in s.allowed_origins.split(",") if origin.strip())
    return WebChat(
        WebOptions(public_url=s.url, allowed_origins=origins, trusted_proxies=s.trusted_proxies, away=AWAY)
    )


__all__ = ["ACCOUNTS", "TEXT_CHANNELS", "channels", "run"]

# account in the settings → channel. Web chat needs none.
ACCOUNTS: dict[str, Callable[[Settings], Channel]] = {
    "wechat": wechat,
    "twilio": twilio,
    "aliyun": aliyun,
    "tencent": tencent,
}


def channels(settings: Settings) -> dict[str, Channel]:
    """The channels whose accounts are set, by name. Raises ConfigError naming all accounts that are wrong."""
    made: list[Channel] = []
    wrong: list[str] = []
    for account, make in ACCOUNTS.items():
        try:
            if settings.has(account):
                made.append(make(settings))
        except ValueError as error:
            wrong.append(f"LIANXIN_{account.upper()}_*: {error}")
    if wrong:
        raise ConfigError("These settings are wrong:\n  " + "\n  ".join(wrong))
    return {channel.name: channel for channel in (*made, web(settings))}
