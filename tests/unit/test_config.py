"""Settings: named together when wrong, secrets never shown, accounts absent or whole."""

from __future__ import annotations

import pytest

from bot.config import ACCOUNTS, Settings, load, shown
from bot.errors import ConfigError


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [n for n in os.environ if n.startswith("LIANXIN_")]:
        monkeypatch.delenv(name)


def read(**values: object) -> Settings:
    return load(_env_file=None, **values)


def test_defaults_run_a_demo() -> None:
    settings = read()
    assert settings.demo_on and settings.url == "http://127.0.0.1:8080"


def test_all_that_is_wrong_is_named_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_PORT", "http")
    monkeypatch.setenv("LIANXIN_NLU_URL", "ftp://x")
    monkeypatch.setenv("LIANXIN_WECHAT_AES_KEY", "short")
    with pytest.raises(ConfigError) as caught:
        read()
    for name in ("LIANXIN_PORT", "LIANXIN_NLU_URL", "LIANXIN_WECHAT_AES_KEY"):
        assert name in str(caught.value)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_half_an_account_names_what_is_missing(account: str) -> None:
    first, *others = ACCOUNTS[account]
    with pytest.raises(ConfigError) as caught:
        read(**{first: "x" * 8})
    for name in others:
        assert f"LIANXIN_{name.upper()}" in str(caught.value)


def test_secrets_are_never_shown() -> None:
    settings = read(secret_key="k" * 40, twilio_account_sid="AC1", twilio_auth_token="hush", twilio_from="+1")
    out = "\n".join(shown(settings).values())
    assert "hush" not in out and "kkkk" not in out and "hush" not in repr(settings)
    assert shown(settings)["LIANXIN_TWILIO_AUTH_TOKEN"] == "••••••"


def test_a_real_account_ends_the_demo() -> None:
    assert not read(twilio_account_sid="AC1", twilio_auth_token="t", twilio_from="+1").demo_on
