"""Logs tell what went wrong and where, never what a citizen wrote."""

from __future__ import annotations

import subprocess
import sys

from tests.unit.transcripts import ROOT

PROGRAM = """
import asyncio, gc, logging
import structlog
from aiohttp.http_exceptions import BadHttpMethod
from bot import logs

logs.set_up("info")

def fail():
    raise KeyError("13812345678")

async def main():
    task = asyncio.create_task(asyncio.to_thread(fail))
    await asyncio.sleep(0.1)
    del task
    gc.collect()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.to_thread(fail))
    except* KeyError as error:
        structlog.get_logger().error("group", exc_info=error)

try:
    try:
        fail()
    except KeyError as error:
        raise ValueError("13812345678") from error
except ValueError:
    structlog.get_logger().exception("ours", message=7)
    logging.getLogger("channels").exception("theirs")
asyncio.run(main())
try:
    raise BadHttpMethod("GET /?token=13812345678")
except BadHttpMethod:
    logging.getLogger("aiohttp.server").exception("Error handling request")
"""


def test_an_exception_is_told_without_what_it_says() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert "13812345678" not in ran.stderr
    lines = ran.stderr.splitlines()
    ours = next(line for line in lines if '"ours"' in line)
    assert '"message": 7' in ours and "ValueError at" in ours and "because of KeyError at" in ours
    assert "in fail" in ours
    assert any("Task exception was never retrieved" in line and "KeyError" in line for line in lines)
    assert any("request refused: BadHttpMethod" in line and '"info"' in line for line in lines)
