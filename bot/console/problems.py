"""Refusals as JSON: `{error, message, fields}` with the status that fits the error tree.

LianxinError
├── LoggedOut            no valid log-in                                                   (HTTP 401)
├── CodeNeeded           the password is right, the second factor is asked                 (HTTP 401)
├── Owed                 first a new password or a second factor                           (HTTP 403)
├── SlowDown             too many failed log-ins; `after` seconds                          (HTTP 429)
├── BadRequest           not even JSON, or too much of it              (HTTP 400, 413, 415 by `status`)
└── the rest of bot.errors
"""

from __future__ import annotations

import json
from math import ceil

from aiohttp import web

from bot.errors import Conflict, Invalid, LianxinError, NotAllowed, NotFound
from channels.base import BadPush


class LoggedOut(LianxinError):
    pass


class CodeNeeded(LianxinError):
    def __init__(self) -> None:
        super().__init__("请输入验证码 · enter the code")


class Owed(LianxinError):
    """`what`: password · factor."""

    def __init__(self, what: str) -> None:
        words = {
            "password": "请先设置新密码 · choose a new password first",
            "factor": "请先开启双重验证 · set up the second factor first",
        }
        super().__init__(words[what])


class SlowDown(LianxinError):
    def __init__(self, after: float) -> None:
        super().__init__(f"尝试次数过多，请 {ceil(after)} 秒后再试 · too many attempts, wait {ceil(after)} s")
        self.after = after


class BadRequest(LianxinError):
    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


KNOWN = (LianxinError, BadPush)  # BadPush: what the attachment store refuses
STATUS: dict[type[Exception], int] = {LoggedOut: 401, SlowDown: 429, NotAllowed: 403, NotFound: 404}
STATUS |= {CodeNeeded: 401, Owed: 403, Conflict: 409, Invalid: 422}
OWN_NAMES: dict[type[Exception], str] = {CodeNeeded: "code_needed", Owed: "owed"}
NAMES = {400: "bad_request", 401: "logged_out", 403: "not_allowed", 404: "not_found", 405: "wrong_method"}
NAMES |= {426: "upgrade_required"}
NAMES |= {409: "conflict", 413: "too_large", 415: "wrong_type", 422: "invalid", 429: "slow_down"}


def problem(status: int, message: str, fields: dict[str, str] | None = None, name: str = "") -> web.Response:
    body = {"error": name or NAMES.get(status, "refused"), "message": message, "fields": fields or {}}
    return web.Response(
        body=json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def response(error: Exception) -> web.Response:
    status = getattr(error, "status", None) or STATUS.get(type(error), 400)
    fields = error.fields if isinstance(error, Invalid) else None
    answer = problem(int(status), str(error), fields, OWN_NAMES.get(type(error), ""))
    if isinstance(error, SlowDown):
        answer.headers["Retry-After"] = str(ceil(error.after))
    return answer
