"""Settings: LIANXIN_* variables, also from a `.env` file, read once at the start and passed on by hand.

Every wrong or missing one is named in one message. Secrets never show in `repr` or `./lianxin config`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import ConfigError
from bot.roles import ROLES

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """One attribute per variable: `LIANXIN_` + the name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="LIANXIN_", env_file=".env", extra="ignore", frozen=True, str_strip_whitespace=True
    )

    # where it runs
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    public_url: str = Field("", description="how citizens reach us, for links; default http://host:port")
    data_dir: Path = ROOT / ".lianxin" / "data"
    nlu_data: Path = ROOT / "nlu_data"
    database_url: SecretStr = Field(SecretStr(""), description="PostgreSQL; empty: a private one is started")
    secret_key: SecretStr = Field(
        SecretStr(""), description="≥ 32 characters; empty: made and kept in data_dir"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    trusted_proxies: int = Field(0, ge=0, le=5, description="how many proxies add X-Forwarded-For")
    allowed_origins: str = Field("", description="sites that may embed the web chat, comma-separated")
    demo: Literal["auto", "on", "off"] = Field(
        "auto", description="/try and demo log-ins; auto: without real accounts"
    )

    # understanding
    nlu_url: str = "http://127.0.0.1:5005"
    nlu_timeout: float = Field(2.0, gt=0, le=30)
    nlu_patience: float = Field(
        120.0, ge=0, description="seconds a message waits for the model before a person"
    )
    nlu_threshold: float = Field(0.45, ge=0, le=1)
    nlu_gap: float = Field(0.08, ge=0, le=1)
    trains: bool = Field(True, description="this node trains models for the studio")
    knowledge_meaning: bool = Field(True, description="knowledge answers by meaning too, not by words alone")

    # the console's door
    two_factor_roles: str = Field("", description="roles that must log in with a second factor, or: all")
    password_length: int = Field(10, ge=8, le=64, description="the least length of a new password")

    # dialogue, tickets and hand-over
    ticket_prefix: str = Field("LJ", pattern="^[A-Z]{2}$", description="first letters of ticket numbers")
    silence_seconds: int = Field(
        600, ge=10, description="after the summary, then a complete request is filed"
    )
    queue_seconds: int = Field(180, ge=5, description="nobody answered: the case becomes a ticket")
    offer_seconds: int = Field(
        20, ge=0, le=600, description="an operator's time to take what is offered; 0: everybody picks"
    )
    seat_grace_seconds: int = Field(
        90, ge=30, le=3600, description="a silent console's conversations go back to the queue after it"
    )
    reply_seconds: int = Field(300, ge=0, le=7200, description="taken and not a word: back to the queue")
    skill_seconds: int = Field(60, ge=0, le=3600, description="so long one waits for the right skill")
    passive_seconds: float = Field(4.5, gt=0, le=4.8)

    # WeChat official account
    wechat_token: SecretStr = SecretStr("")
    wechat_appid: str = ""
    wechat_secret: SecretStr = SecretStr("")
    wechat_aes_key: SecretStr = SecretStr("")
    wechat_aes_key_previous: SecretStr = SecretStr("")
    wechat_api_url: str = "https://api.weixin.qq.com"

    # SMS: Twilio
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_from: str = Field("", description="our number, E.164")
    twilio_free_text: bool = True
    twilio_api_url: str = "https://api.twilio.com"
    # SMS: Aliyun. Templates are name=code pairs: alarm=SMS_5,receipt=SMS_1,status=SMS_2,continue=SMS_3 …
    aliyun_secret: SecretStr = Field(SecretStr(""), description="last part of the webhook's path")
    aliyun_access_key_id: str = ""
    aliyun_access_key_secret: SecretStr = SecretStr("")
    aliyun_sign_name: str = ""
    aliyun_templates: str = ""
    aliyun_free_text: bool = False
    aliyun_api_url: str = "https://dysmsapi.aliyuncs.com"
    # SMS: Tencent
    tencent_secret: SecretStr = Field(SecretStr(""), description="last part of the webhook's path")
    tencent_secret_id: str = ""
    tencent_secret_key: SecretStr = SecretStr("")
    tencent_sdk_app_id: str = ""
    tencent_sign_name: str = ""
    tencent_templates: str = ""
    tencent_free_text: bool = False
    tencent_region: str = "ap-guangzhou"
    tencent_api_url: str = "https://sms.tencentcloudapi.com"

    @field_validator("nlu_url", "wechat_api_url", "twilio_api_url", "aliyun_api_url", "tencent_api_url")
    @classmethod
    def _http(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("must be an http(s) address")
        return value.rstrip("/")

    @field_validator("two_factor_roles")
    @classmethod
    def _roles(cls, value: str) -> str:
        named = [name.strip() for name in value.split(",") if name.strip()]
        if unknown := set(named) - {*ROLES, "all"}:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(ROLES)} or all")
        return ",".join(named)

    @field_validator("secret_key")
    @classmethod
    def _long(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and len(value.get_secret_value()) < 32:
            raise ValueError("needs at least 32 characters")
        return value

    @field_validator("wechat_aes_key", "wechat_aes_key_previous")
    @classmethod
    def _aes(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and len(value.get_secret_value()) != 43:
            raise ValueError("EncodingAESKey has 43 characters")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Settings:
        """An account is either absent or whole; all that is missing is named together."""
        missing = [
            f"LIANXIN_{name.upper()}"
            for group in ACCOUNTS.values()
            if any(self.text(name) for name in group)
            for name in group
            if not self.text(name)
        ]
        if self.demo == "on" and any(map(self.has, ACCOUNTS)):
            raise ValueError("LIANXIN_DEMO=on does not go with real accounts")
        if missing:
            raise ValueError("also needed: " + ", ".join(missing))
        return self

    def text(self, name: str) -> str:
        """The plain value of a setting, secret or not."""
        value = getattr(self, name)
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)

    def has(self, account: str) -> bool:
        """Whether a real account of `wechat`, `twilio`, `aliyun` or `tencent` is set."""
        return all(self.text(name) for name in ACCOUNTS[account])

    def needs_factor(self, role: str) -> bool:
        """Whether this role must log in with a second factor."""
        return bool({role, "all"} & set(self.two_factor_roles.split(",")))

    @property
    def demo_on(self) -> bool:
        return self.demo == "on" or (self.demo == "auto" and not any(map(self.has, ACCOUNTS)))

    @property
    def url(self) -> str:
        anywhere = self.host in ("0.0.0.0", "::")  # noqa: S104  # compared, not bound
        return self.public_url.rstrip("/") or f"http://{'127.0.0.1' if anywhere else self.host}:{self.port}"


# What makes an account whole. The key for safe mode is optional: plain mode needs none.
ACCOUNTS: dict[str, tuple[str, ...]] = {
    "wechat": ("wechat_token", "wechat_appid", "wechat_secret"),
    "twilio": ("twilio_account_sid", "twilio_auth_token", "twilio_from"),
    "aliyun": ("aliyun_secret", "aliyun_access_key_id", "aliyun_access_key_secret", "aliyun_sign_name"),
    "tencent": (
        "tencent_secret",
        "tencent_secret_id",
        "tencent_secret_key",
        "tencent_sdk_app_id",
        "tencent_sign_name",
    ),
}


def load(**overrides: object) -> Settings:
    """Read the settings. Raises ConfigError naming everything that is wrong."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # checked by pydantic, that is its point
    except ValidationError as error:
        lines = [
            (f"LIANXIN_{str(problem['loc'][0]).upper()}: " if problem["loc"] else "")
            + str(problem["msg"]).removeprefix("Value error, ")
            for problem in error.errors()
        ]
        raise ConfigError("These settings are wrong or missing:\n  " + "\n  ".join(lines)) from error


def shown(settings: Settings) -> dict[str, str]:
    """Every setting as `./lianxin config` prints it: secrets as dots."""
    out = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        hidden = isinstance(value, SecretStr)
        out[f"LIANXIN_{name.upper()}"] = ("••••••" if settings.text(name) else "") if hidden else str(value)
    return out
