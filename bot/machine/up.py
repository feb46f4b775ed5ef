"""`./lianxin up`: set up side by side, then run everything under one supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from bot.config import Settings, shown
from bot.console.users import DEMO
from bot.errors import SetupError
from bot.machine import environment, model
from bot.machine.steps import Steps, console
from bot.machine.supervisor import Program, Supervisor
from bot.store import database

READY = 120.0  # seconds for the first answer


async def up(settings: Settings) -> None:
    """Returns when everything has stopped."""
    free_port(settings.host, settings.port)
    own_nlu = settings.nlu_url == Settings.model_fields["nlu_url"].default
    started = time.monotonic()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    environment.need_room(settings.data_dir)
    server = await set_up(settings, own_nlu=own_nlu)
    try:
        url = settings.text("database_url") or database.server_url(server)
        await run(settings, url, own_nlu, started)
    finally:
        if server is not None:
            await asyncio.to_thread(server.cleanup)


async def set_up(settings: Settings, *, own_nlu: bool = True) -> Any:
    """Environments, pages, database and model: what does not depend on another runs beside it."""
    server: Any = None

    async def start_database(detail: Any) -> bool:
        nonlocal server
        if not settings.text("database_url"):
            server = await asyncio.to_thread(database.private_server, settings.data_dir)
        url = settings.text("database_url") or await asyncio.to_thread(database.server_url, server)
        await asyncio.to_thread(database.migrate, url)
        return True

    async def make_model(detail: Any) -> bool:
        return await model.train(settings, detail)

    async with Steps() as steps:

        async def understanding() -> None:
            await steps.run("Rasa environment", environment.rasa_environment)
            await steps.run("model", make_model)

        work = [steps.run("database", start_database), steps.run("pages", environment.pages)]
        if own_nlu:
            work.append(understanding())
        try:
            async with asyncio.TaskGroup() as group:
                for one in work:
                    group.create_task(one)
        except* SetupError as errors:
            if server is not None:
                await asyncio.to_thread(server.cleanup)
            raise SetupError("\n".join(str(error) for error in errors.exceptions)) from errors
    return server


async def run(settings: Settings, database_url: str, own_nlu: bool, started: float) -> None:
    programs = []
    nlu_port = 0
    logs = settings.data_dir / "logs"
    logs.mkdir(exist_ok=True)
    if own_nlu:
        nlu_port = some_port()
        programs.append(nlu_program(settings, nlu_port, logs / "nlu.log"))
    programs.append(app_program(settings, database_url, nlu_port, logs / "app.log"))
    supervisor = Supervisor(programs)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(name, supervisor.stop)
    supervisor.start()
    ready = asyncio.create_task(wait_ready(settings))
    stopped = asyncio.create_task(supervisor.wait())
    await asyncio.wait([ready, stopped], return_when=asyncio.FIRST_COMPLETED)
    if ready.done() and not stopped.done():
        announce(settings, time.monotonic() - started, ok=ready.result())
    ready.cancel()
    await stopped
    console.print("Everything has stopped.")


def nlu_program(settings: Settings, port: int, log: Path | None) -> Program:
    folder = str(model.models(settings))
    words = [sys.executable, "-m", "nlu.server", "--model", folder, "--port", str(port)]
    return Program("understanding", words, {"LIANXIN_NLU_CACHE": str(settings.data_dir / "cache")}, log)


def app_program(settings: Settings, database_url: str, nlu_port: int, log: Path | None) -> Program:
    env = {
        "LIANXIN_DATABASE_URL": database_url,
        "LIANXIN_HOST": settings.host,
        "LIANXIN_PORT": str(settings.port),
        "LIANXIN_DATA_DIR": str(settings.data_dir),
    }
    if nlu_port:
        env["LIANXIN_NLU_URL"] = f"http://127.0.0.1:{nlu_port}"
    return Program("app", [sys.executable, "-m", "bot.cli", "serve"], env, log)


async def wait_ready(settings: Settings) -> bool:
    """Until the app says it is ready; False when it takes longer than READY."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104  # compared
    url = f"http://{host}:{settings.port}/health/ready"
    deadline = time.monotonic() + READY
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
        while time.monotonic() < deadline:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with http.get(url) as response:
                    if response.status == 200:
                        return True
            await asyncio.sleep(0.2)
    return False


def announce(settings: Settings, seconds: float, *, ok: bool) -> None:
    state = "is ready" if ok else "[yellow]started, but is not ready yet: see the logs"
    console.print(f"\n[bold]连心 Lianxin[/] {state} ({seconds:.0f} s)\n")
    rows = [("citizens · 市民", f"{settings.url}/chat"), ("seats · 坐席", f"{settings.url}/console/")]
    if settings.demo_on:
        rows.insert(0, ("try it · 体验", f"{settings.url}/try"))
    for name, where in rows:
        console.print(f"  {name:<16} {where}")
    if settings.demo_on:
        logins = " · ".join(f"{login} / {password}" for login, _, _, password in DEMO)
        console.print(f"\n  demo log-ins     {logins}", soft_wrap=True)
    console.print(f"\n  logs             {settings.data_dir / 'logs'}\n  Ctrl-C stops everything.\n")


def free_port(host: str, port: int) -> None:
    """Raises SetupError when somebody else listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SetupError(
                f"Port {port} on {host} cannot be used ({os.strerror(error.errno or 0)}). "
                f"Choose another: ./lianxin up --port {port + 1}"
            ) from error


def some_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def train_only(settings: Settings) -> None:
    async with Steps() as steps:
        await steps.run("Rasa environment", environment.rasa_environment)
        await steps.run("model", lambda detail: model.train(settings, detail))
    console.print(f"The model in service is {model.served(model.models(settings))}.")


async def set_up_tests(settings: Settings) -> dict[str, str]:
    """Environments, pages, a browser and a model; returns the variables that the tests read."""
    async with Steps() as steps:

        async def understanding() -> None:
            await steps.run("Rasa environment", environment.rasa_environment)
            await steps.run("model", lambda detail: model.train(settings, detail))

        await asyncio.gather(
            steps.run("pages", environment.pages), steps.run("browser", environment.browser), understanding()
        )
    return {"LIANXIN_TEST_MODELS": str(model.models(settings))}


def print_config(settings: Settings) -> None:
    for name, value in shown(settings).items():
        print(f"{name}={value}")
