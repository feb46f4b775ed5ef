"""Without real accounts: stand-in providers inside the app, and /try, which talks through the real doors.

The stand-ins check signatures as the providers would; only their addresses differ from the real thing.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from bot.config import Settings
from bot.store.sealing import Sealer
from standins.aliyun import SETTING as ALIYUN_TEMPLATES
from standins.aliyun import AliyunStandIn
from standins.phones import Doors
from standins.tencent import SETTING as TENCENT_TEMPLATES
from standins.tencent import TencentStandIn
from standins.tryout import try_routes
from standins.twilio import TwilioStandIn
from standins.wechat import WeChatStandIn

DOORS: web.AppKey[Doors] = web.AppKey("doors", Doors)


def with_accounts(settings: Settings, sealer: Sealer) -> Settings:
    """The settings with the stand-ins' accounts; their secrets belong to this installation alone."""

    def secret(name: str, length: int = 32) -> str:
        return hashlib.sha256(f"{sealer.token_key}:{name}".encode()).hexdigest()[:length]

    here = f"http://127.0.0.1:{settings.port}/standins"
    aes = base64.b64encode(hashlib.sha256(f"{sealer.token_key}:aes".encode()).digest()).decode().rstrip("=")
    values: dict[str, Any] = {
        "demo": "on",
        "wechat_token": secret("token"),
        "wechat_appid": "wx" + secret("appid", 16),
        "wechat_secret": secret("secret"),
        "wechat_aes_key": aes,
        "wechat_api_url": f"{here}/wechat",
        "twilio_account_sid": "AC" + secret("sid"),
        "twilio_auth_token": secret("auth"),
        "twilio_from": "+12025550123",
        "twilio_api_url": f"{here}/twilio",
        "aliyun_secret": secret("aliyun-path"),
        "aliyun_access_key_id": "LTAI" + secret("aliyun-id", 20),
        "aliyun_access_key_secret": secret("aliyun-key"),
        "aliyun_sign_name": "临江12345",
        "aliyun_templates": ALIYUN_TEMPLATES,
        "aliyun_api_url": f"{here}/aliyun",
        "tencent_secret": secret("tencent-path"),
        "tencent_secret_id": "AKID" + secret("tencent-id"),
        "tencent_secret_key": secret("tencent-key"),
        "tencent_sdk_app_id": "1400000001",
        "tencent_sign_name": "临江12345",
        "tencent_templates": TENCENT_TEMPLATES,
        "tencent_api_url": f"{here}/tencent",
    }
    secrets = {n for n, f in Settings.model_fields.items() if f.annotation is SecretStr}
    return settings.model_copy(update={n: SecretStr(v) if n in secrets else v for n, v in values.items()})


def mount(app: web.Application, settings: Settings) -> None:
    """Put the stand-ins under /standins and the page's backend under /try."""
    wechat = WeChatStandIn(settings.wechat_appid, settings.text("wechat_secret"))
    twilio = TwilioStandIn(
        settings.twilio_account_sid, settings.text("twilio_auth_token"), settings.twilio_from
    )
    aliyun = AliyunStandIn(
        settings.aliyun_access_key_id, settings.text("aliyun_access_key_secret"), settings.aliyun_sign_name
    )
    tencent = TencentStandIn(
        settings.tencent_secret_id,
        settings.text("tencent_secret_key"),
        settings.tencent_sdk_app_id,
        settings.tencent_sign_name,
    )
    for name, standin in (("wechat", wechat), ("twilio", twilio), ("aliyun", aliyun), ("tencent", tencent)):
        app.add_subapp(f"/standins/{name}", standin.app())
    doors = app[DOORS] = Doors(wechat, twilio, aliyun, tencent, settings)
    app.add_routes(try_routes(doors))
