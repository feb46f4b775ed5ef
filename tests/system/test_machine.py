"""The supervisor and the commands, as processes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from bot.machine.supervisor import Program, Supervisor
from tests.conftest import ROOT, some_port, until

CHILD = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"  # noqa: E501  # one argument


def lianxin(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LIANXIN_")}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *words],
        cwd=ROOT,
        env=clean | {"PYTHONPATH": str(ROOT)} | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_what_dies_is_started_again_and_nothing_stays_behind() -> None:
    program = Program("sleeper", [sys.executable, "-c", CHILD])
    supervisor = Supervisor([program])
    supervisor.start()

    async def family() -> list[psutil.Process]:
        if program.process is None or program.process.returncode is not None:
            return []
        try:
            parent = psutil.Process(program.process.pid)
            children = parent.children()
        except psutil.NoSuchProcess:  # just killed, not yet noticed
            return []
        return [parent, *children] if children else []

    first = await until(family)
    os.kill(first[0].pid, signal.SIGKILL)

    async def another() -> list[psutil.Process]:
        found = await family()
        return found if found and found[0].pid != first[0].pid else []

    second = await until(another)
    supervisor.stop()
    async with asyncio.timeout(20):
        await supervisor.wait()

    async def gone() -> bool:
        return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in second)

    await until(gone)
    for left in first[1:]:  # its own parent was killed by us, not by the supervisor
        if left.is_running():
            left.kill()


async def test_stopping_kills_what_does_not_listen(monkeypatch: object) -> None:
    from bot.machine import supervisor as module

    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"  # noqa: E501  # one argument
    program = Program("deaf", [sys.executable, "-c", deaf])
    before, module.GRACE = module.GRACE, 0.5
    try:
        one = Supervisor([program])
        one.start()

        async def started() -> bool:
            return program.process is not None

        await until(started)
        await asyncio.sleep(0.5)
        one.stop()
        async with asyncio.timeout(10):
            await one.wait()
    finally:
        module.GRACE = before
    assert program.process and program.process.returncode == -signal.SIGKILL


def test_a_busy_port_gets_a_clear_message(tmp_path: Path) -> None:
    port = some_port()
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", port))
        busy.listen()
        done = lianxin("up", "--port", str(port), "--data-dir", str(tmp_path))
    assert done.returncode == 1
    assert f"Port {port}" in done.stderr and "Traceback" not in done.stderr


def test_wrong_settings_are_named_together() -> None:
    done = lianxin("config", LIANXIN_PORT="x", LIANXIN_TWILIO_FROM="+1")
    assert done.returncode == 1
    assert "LIANXIN_PORT" in done.stderr and "Traceback" not in done.stderr


def test_config_hides_secrets() -> None:
    done = lianxin("config", LIANXIN_SECRET_KEY="k" * 40)
    assert done.returncode == 0
    assert "LIANXIN_SECRET_KEY=••••••" in done.stdout and "kkkk" not in done.stdout


def test_a_mistake_in_the_data_stops_the_start_with_file_and_line(tmp_path: Path, database_url: str) -> None:
    import shutil

    shutil.copytree(ROOT / "nlu_data", tmp_path / "nlu_data")
    service = tmp_path / "nlu_data" / "services" / "heating.yml"
    lines = service.read_text(encoding="utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if "department:" in line)
    lines[number - 1] = "    department: nobody"
    service.write_text("\n".join(lines), encoding="utf-8")
    done = lianxin(
        "serve",
        LIANXIN_NLU_DATA=str(tmp_path / "nlu_data"),
        LIANXIN_DATABASE_URL=database_url,
        LIANXIN_DATA_DIR=str(tmp_path / "data"),
        LIANXIN_PORT=str(some_port()),
    )
    assert done.returncode == 1
    assert f"heating.yml:{number}:" in done.stderr and "nobody" in done.stderr


def test_an_unknown_command_says_what_there_is() -> None:
    done = lianxin("dance")
    assert done.returncode == 2 and "up" in done.stderr


STEP = """
import asyncio, sys
from bot.machine.steps import command
words = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)"]
asyncio.run(command(words, print, what="sleeping"))
"""


async def test_a_step_ends_with_whoever_runs_it() -> None:
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", STEP], env=env, stdout=subprocess.PIPE) as setup:  # noqa: ASYNC220  # read at once
        assert setup.stdout and b"here" in setup.stdout.readline() + setup.stdout.readline()
        (child,) = psutil.Process(setup.pid).children()
        setup.send_signal(signal.SIGTERM)

    async def gone() -> bool:
        return not child.is_running() or child.status() == psutil.STATUS_ZOMBIE

    await until(gone)
