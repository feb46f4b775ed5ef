"""What all SMS providers have in common: numbers, opt-out words, parts, templates, the secret webhook.

It knows no provider. Mainland clouds sign nothing they push, so a secret path stands in for a signature; and
they send approved templates only, so what goes out is `Outbound.template`, not `Outbound.text`.
"""

from __future__ import annotations

import hmac
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Annotated

import phonenumbers
from aiohttp import web
from pydantic import BeforeValidator

from channels.base import (
    Address,
    BadPush,
    EventKind,
    Inbound,
    Intake,
    JsonObject,
    Limits,
    Outbound,
    Refused,
    Report,
    TemplateName,
)
from channels.choices import numbered
from channels.wild import Door, Handler, Text, clean, json_value, read_body

BODY_CAP = 1024 * 1024  # a push may hold hundreds of reports
MAX_BYTES = 1500

OPT_OUT = frozenset({"TD", "T", "N", "R", "退订"})
OPT_IN = frozenset({"START", "开通", "恢复"})

# The order in which a template's values stand in providers that number them: {1}, {2} …
FIELDS: Mapping[TemplateName, tuple[str, ...]] = MappingProxyType(
    {
        "alarm": ("call",),
        "receipt": ("number", "code", "service", "deadline"),
        "status": ("number", "state"),
        "continue": ("link",),
        "person": ("number",),
    }
)
FREE = "text"  # the template of an account that may send free text: one value, `text`

CHINA = timezone(timedelta(hours=8))
GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_DOUBLE = frozenset("\f^{}\\[~]|€")


def _id(value: object) -> object:
    """Ids come as text, as numbers, and from some queues as 123456.0."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, float) or not math.isfinite(value):
        return value
    return str(int(value)) if value.is_integer() else str(value)


Id = Annotated[Text, BeforeValidator(_id)]


def sms_limits(free_text: bool, templates: Iterable[str] = ()) -> Limits:
    """Three bytes a character: 500 Chinese ones."""
    return Limits(
        max_bytes=MAX_BYTES, coalesce=True, free_text=free_text, templates=frozenset(templates) - {FREE}
    )


def words_of(message: Outbound) -> str:
    """What a free-text account sends: SMS has no buttons, so choices are numbered lines."""
    return numbered(clean(message.text), message.choices, MAX_BYTES)


def e164(raw: str, provider: str, field: str, country: str = "") -> Address:
    """A number as +8613800000000. Without `country` it is a Chinese one, or has its code in front."""
    if not re.fullmatch(r"\+?[\d -]{5,20}", raw, re.ASCII):
        raise BadPush(f"{provider}: {field}: is no phone number")
    spellings = [f"+{country}{raw}"] if country and not raw.startswith("+") else [raw, f"+{raw}"]
    numbers = [number for number in map(_parsed, spellings) if number is not None]
    # Numbering plans grow, so a number that no plan knows yet is still better than none.
    for fits in (phonenumbers.is_valid_number, _possible):
        for number in filter(fits, numbers):
            return Address(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    raise BadPush(f"{provider}: {field}: is no phone number")


def _parsed(spelling: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(spelling, "CN")
    except phonenumbers.NumberParseException:
        return None


def _possible(number: phonenumbers.PhoneNumber) -> bool:
    reason = phonenumbers.is_possible_number_with_reason(number)
    return bool(reason == phonenumbers.ValidationResult.IS_POSSIBLE)


def event_of(text: str, out: frozenset[str] = OPT_OUT, back: frozenset[str] = OPT_IN) -> EventKind | None:
    """Opting out or in is a whole message, in any case and width."""
    word = unicodedata.normalize("NFKC", text).strip().upper()
    if word in out:
        return "opt_out"
    return "opt_in" if word in back else None


def china_time(raw: str, provider: str, field: str) -> datetime:
    """`2017-09-01 00:00:00` or `20170901000000`, in Chinese time."""
    shape = "%Y%m%d%H%M%S" if raw.isdigit() else "%Y-%m-%d %H:%M:%S"
    try:
        return datetime.strptime(raw, shape).replace(tzinfo=CHINA).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadPush(f"{provider}: {field}: is no time") from error


def parts(text: str, gsm: bool = False) -> list[int]:
    """How long each part of `text` is on the air. Mainland carriers count every character as UCS-2, an emoji
    as two; abroad (`gsm`) a text within the GSM alphabet fits 160."""
    if gsm and all(char in GSM7 or char in GSM7_DOUBLE for char in text):
        return _filled([2 if char in GSM7_DOUBLE else 1 for char in text], 160, 153)
    return _filled([2 if ord(char) > 0xFFFF else 1 for char in text], 70, 67)


def _filled(units: Sequence[int], alone: int, joined: int) -> list[int]:
    """A character is never cut in two, so a part may end one unit early."""
    if sum(units) <= alone:
        return [sum(units)] if units else []
    lengths = [0]
    for unit in units:
        if lengths[-1] + unit > joined:
            lengths.append(0)
        lengths[-1] += unit
    return lengths


def template_codes(setting: str, free_text: bool = False) -> Mapping[str, str]:
    """`receipt=SMS_1,status=SMS_2` as a mapping. ValueError says which pair is wrong."""
    codes: dict[str, str] = {}
    for pair in filter(None, (pair.strip() for pair in setting.split(","))):
        name, _, code = (part.strip() for part in pair.partition("="))
        if name not in FIELDS and name != FREE:
            raise ValueError(f"template {pair!r}: the name must be one of {', '.join([*FIELDS, FREE])}")
        if not re.fullmatch(r"\w{1,64}", code, re.ASCII):
            raise ValueError(f"template {pair!r}: needs the code of an approved template")
        if name in codes:
            raise ValueError(f"template {name!r} is given twice")
        codes[name] = code
    if free_text and FREE not in codes:
        raise ValueError(f"free text needs an approved template with one value: {FREE}=<code>")
    return MappingProxyType(codes)


def filled_template(
    message: Outbound, codes: Mapping[str, str], free_text: bool, provider: str
) -> tuple[str, dict[str, str]]:
    """The code of the template that carries `message`, and its values in order."""
    if free_text:
        return codes[FREE], {FREE: words_of(message)}
    if message.template is None:
        raise Refused(f"{provider}: this account sends templates only", "no_template")
    name = message.template.name
    if name not in codes:
        raise Refused(f"{provider}: no template is set for {name}", "no_template")
    missing = [field for field in FIELDS[name] if not message.template.values.get(field)]
    if missing:
        raise Refused(f"{provider}: template {name} lacks {', '.join(missing)}", "template_values")
    return codes[name], {field: message.template.values[field] for field in FIELDS[name]}


def webhook(
    door: Door,
    intake: Intake,
    secret: str,
    read: Callable[[object], Inbound | Report],
    acknowledged: JsonObject,
) -> Handler:
    """The handler of a JSON webhook behind a secret path: one item or a list of them.

    A wrong item does not take the others with it: they are stored, then the first mistake is the answer.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        if not hmac.compare_digest(request.match_info["secret"].encode(errors="replace"), secret.encode()):
            raise web.HTTPNotFound
        value = json_value(await read_body(request, BODY_CAP, door.provider), door.provider)
        mistakes: list[BadPush] = []
        for item in value if isinstance(value, list) else [value]:
            try:
                await door.finish(take(intake, read(item)))
            except BadPush as mistake:
                mistakes.append(mistake)
        if mistakes:
            raise mistakes[0]
        return web.json_response(acknowledged)

    return handle


async def take(intake: Intake, item: Inbound | Report) -> None:
    """Hand one item to the house; SMS answers go out on their own, so nothing is waited for."""
    if isinstance(item, Inbound):
        await intake.accept(item)
    else:
        await intake.report(item)
