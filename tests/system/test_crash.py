"""Kill the app where it hurts, start it again, and count: no message lost, no ticket doubled.

The app is a process of its own, killed with SIGKILL. What holds it at the awkward moment is outside of it: a
slow model, a locked table, a provider that does not answer.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
from aiohttp import web

from standins.twilio import TwilioPhone, TwilioStandIn
from tests.conftest import ROOT, some_port, until
from tests.house.nlu import KeywordNlu

COMPLAINT = "幸福里小区3栋1201暖气不热，已经三天了，电话13812345678"
PHONE = "+8613812345678"


class Provider:
    """Twilio's stand-in behind a door that can be held: before the message is taken, or before the answer."""

    def __init__(self) -> None:
        self.standin = TwilioStandIn("ACtest", "secret", "+12025550123")
        self.hold_before, self.hold_after = asyncio.Event(), asyncio.Event()
        self.reached = asyncio.Event()
        self.port = some_port()

    async def start(self) -> web.AppRunner:
        @web.middleware
        async def door(request: web.Request, handler: Any) -> Any:
            if self.hold_before.is_set():
                self.reached.set()
                await asyncio.sleep(3600)
            response = await handler(request)
            if self.hold_after.is_set():
                self.reached.set()
                await asyncio.sleep(3600)
            return response

        app = web.Application(middlewares=[door])
        app.add_subapp("/twilio", self.standin.app())
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        return runner

    def texts(self) -> list[str]:
        return [delivery.text for delivery in self.standin.outlet.of(PHONE)]


@dataclass
class Machine:
    """One app process that can be killed and started again."""

    env: dict[str, str]
    port: int
    log: Path
    database_url: str
    nlu: KeywordNlu
    provider: Provider
    process: asyncio.subprocess.Process | None = field(default=None)

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot.cli", "serve", env=self.env, stdout=log, stderr=log, cwd=ROOT
            )

        async def alive() -> bool:
            assert self.process and self.process.returncode is None, self.log.read_text()[-3000:]
            try:
                async with (
                    aiohttp.ClientSession() as http,
                    http.get(f"http://127.0.0.1:{self.port}/health/live") as response,
                ):
                    return response.status == 200
            except aiohttp.ClientError:
                return False

        await until(alive, 60, 0.1)

    async def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def say(self, text: str, form: dict[str, str] | None = None) -> dict[str, str]:
        webhook = f"http://127.0.0.1:{self.port}/channels/sms/twilio"
        phone = TwilioPhone(self.provider.standin, webhook, PHONE)
        form = form or phone.form(text)
        answered = await phone.push(form)
        assert answered.status == 200, answered
        return form

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return (
                connection.execute(sql).fetchall() if sql.startswith("SELECT") else self._run(connection, sql)
            )

    @staticmethod
    def _run(connection: psycopg.Connection[Any], sql: str) -> list[tuple[Any, ...]]:
        connection.execute(sql)
        return []

    def count(self, what: str) -> int:
        return int(self.query(f"SELECT count(*) FROM {what}")[0][0])

    async def true(self, check: Callable[[], bool], seconds: float = 60) -> None:
        async def checked() -> bool:
            return check()

        await until(checked, seconds)

    async def until_told(self, part: str, times: int = 1) -> None:
        await self.true(lambda: sum(part in text for text in self.provider.texts()) >= times)

    def leases_run_out(self) -> None:
        """As if a minute had gone by."""
        self.query("UPDATE outbox SET due_at = now() WHERE status = 'queued'")


@pytest.fixture
async def machine(database_url: str, tmp_path: Path) -> AsyncIterator[Machine]:
    nlu, provider, port = KeywordNlu(some_port()), Provider(), some_port()
    await nlu.start()
    runner = await provider.start()
    env = {name: value for name, value in os.environ.items() if not name.startswith("LIANXIN_")}
    env |= {
        "PYTHONPATH": str(ROOT),
        "LIANXIN_DATABASE_URL": database_url,
        "LIANXIN_DATA_DIR": str(tmp_path),
        "LIANXIN_SECRET_KEY": secrets.token_hex(32),
        "LIANXIN_PORT": str(port),
        "LIANXIN_NLU_URL": f"http://127.0.0.1:{nlu.port}",
        "LIANXIN_NLU_TIMEOUT": "20",
        "LIANXIN_TWILIO_ACCOUNT_SID": provider.standin.account_sid,
        "LIANXIN_TWILIO_AUTH_TOKEN": provider.standin.auth_token,
        "LIANXIN_TWILIO_FROM": provider.standin.number,
        "LIANXIN_TWILIO_API_URL": f"http://127.0.0.1:{provider.port}/twilio",
    }
    machine = Machine(env, port, tmp_path / "app.log", database_url, nlu, provider)
    await machine.start()
    yield machine
    await machine.kill()
    await nlu.stop()
    await runner.cleanup()


async def summarised(machine: Machine) -> None:
    await machine.say(COMPLAINT)
    await machine.until_told("我记的是这样")


async def filed_once(machine: Machine) -> None:
    await machine.until_told("登记好了")
    assert machine.count("tickets") == 1
    assert machine.count("ticket_events WHERE verb = 'filed'") == 1
    assert machine.count("inbox WHERE status <> 'done'") == 0


async def test_killed_after_accept(machine: Machine) -> None:
    """Acknowledged, and the model is thinking: the message waits in the inbox."""
    machine.nlu.delay = 10
    await machine.say(COMPLAINT)
    await machine.true(lambda: machine.count("inbox") == 1)
    await machine.kill()
    machine.nlu.delay = 0
    await machine.start()
    await machine.until_told("我记的是这样")
    assert machine.count("messages WHERE author = 'citizen'") == 1


async def test_killed_inside_the_turn(machine: Machine) -> None:
    """The transaction is open and has filed the ticket; the kill takes all of it back."""
    await summarised(machine)
    with psycopg.connect(machine.database_url) as blocker:
        blocker.execute("LOCK TABLE ticket_events IN ACCESS EXCLUSIVE MODE")
        await machine.say("对")
        blocked = "pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        await machine.true(lambda: machine.count(blocked) >= 1)
        await machine.kill()
    assert machine.count("tickets") == 0
    await machine.start()
    await filed_once(machine)


async def test_killed_between_commit_and_delivery(machine: Machine) -> None:
    """Filed and committed; the provider has not taken the receipt."""
    await summarised(machine)
    machine.provider.hold_before.set()
    await machine.say("对")
    await machine.provider.reached.wait()
    await machine.kill()
    assert machine.count("tickets") == 1
    machine.provider.hold_before.clear()
    await machine.start()
    machine.leases_run_out()
    await filed_once(machine)


async def test_killed_between_delivery_and_its_mark(machine: Machine) -> None:
    """The citizen has the receipt, we do not know: it comes again (at least once), the ticket does not."""
    await summarised(machine)
    machine.provider.hold_after.set()
    await machine.say("对")
    await machine.provider.reached.wait()
    await machine.kill()
    machine.provider.hold_after.clear()
    await machine.start()
    machine.leases_run_out()
    await machine.until_told("登记好了", times=2)
    await filed_once(machine)


async def test_a_provider_that_repeats_its_push_across_the_crash(machine: Machine) -> None:
    await summarised(machine)
    form = await machine.say("对")
    await machine.until_told("登记好了")
    await machine.kill()
    await machine.start()
    for _ in range(3):
        await machine.say("", form)
    await asyncio.sleep(1)
    await filed_once(machine)


async def test_killed_again_and_again_under_load(machine: Machine) -> None:
    """Every acknowledged message is in the conversation, once and in order."""
    machine.nlu.delay = 0.05
    written: list[str] = []

    async def write() -> None:
        for n in range(30):
            text = f"路灯{n}号不亮"
            try:
                await machine.say(text)
            except AssertionError:
                continue  # not acknowledged: the provider would send it again
            written.append(text)

    async def disturb(do: Callable[[], Awaitable[None]]) -> None:
        for _ in range(2):
            await asyncio.sleep(0.7)
            await machine.kill()
            await do()

    await asyncio.gather(write(), disturb(machine.start))
    await machine.true(lambda: machine.count("inbox WHERE status <> 'done'") == 0, 60)
    assert machine.count("inbox") >= len(written) > 0
    assert machine.count("messages WHERE author = 'citizen'") == machine.count("inbox")
    ordered = "SELECT inbox_id FROM messages WHERE author = 'citizen' ORDER BY seq"
    ids = [row[0] for row in machine.query(ordered)]
    assert ids == sorted(ids)
