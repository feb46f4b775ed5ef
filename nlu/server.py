"""Serve a trained model without Rasa: `python -m nlu.server --model DIR --port 5005 --processes 2`.

DIR is either a folder of models with a `current` pointer (which is watched: a new model is taken over
without dropping a request) or one exported model. The HTTP interface is Rasa's, so that a stock Rasa server
can stand in; added are `POST /model/parse/batch`, several models at a time (`nlu.serving.exchange`) and an
honest 503 when the queue is full.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from nlu.reading.engine import ModelError
from nlu.serving.api import make_app
from nlu.serving.models import Served
from nlu.serving.processes import Supervisor
from nlu.serving.work import Queue

_BACKLOG = 1024


def _socket(host: str, port: int) -> socket.socket:
    """One of several listeners on the same port; the kernel spreads the connections."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((host, port))
    return listener


async def _orphaned(stop: asyncio.Event, parent: int) -> None:
    """A killed supervisor cannot stop its children, so they look."""
    while os.getppid() == parent:  # noqa: ASYNC110  # nobody could set an event
        await asyncio.sleep(1)
    stop.set()


async def _serve(listener: socket.socket, served: Served, queue_size: int, quiet: bool) -> None:
    queue = Queue(served, queue_size)
    runner = web.AppRunner(make_app(served, queue), access_log=None, handle_signals=False)
    await runner.setup()
    await web.SockSite(runner, listener, backlog=_BACKLOG).start()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    loop.add_signal_handler(signal.SIGHUP, served.look_again)
    background = [loop.create_task(queue.run()), loop.create_task(served.watch())]
    if quiet:
        background.append(loop.create_task(_orphaned(stop, os.getppid())))
    if not quiet:
        print(json.dumps({"stage": "ready", "model": served.engine.meta.name}), flush=True)
    await stop.wait()
    served.close()
    await runner.cleanup()
    for task in background:
        task.cancel()


def _one(options: argparse.Namespace, port: int, served: Served, quiet: bool) -> int:
    listener = _socket(options.host, port)
    asyncio.run(_serve(listener, served, options.queue, quiet))
    return 0


def _several(options: argparse.Namespace, port: int) -> int:
    """Children that share what the parent has read: a model that cannot be read fails here, and once."""
    served = Served(options.model)
    gc.collect()
    gc.freeze()  # collecting would write to the pages that are shared
    return Supervisor(
        options.processes, lambda: _one(options, port, Served(options.model, served), quiet=True)
    ).run()


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nlu.server", description="Serve an exported model, as Rasa would.")
    parser.add_argument("--model", type=Path, required=True, help="folder of models, or one exported model")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--processes", type=int, default=_cores(), help="as many as cores unless told")
    parser.add_argument("--queue", type=int, default=256, help="messages that may wait in each process")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    options = _options(arguments)
    try:
        with _probe(options.host, options.port) as held:
            port = held.getsockname()[1]
            print(json.dumps({"stage": "load", "port": port, "processes": options.processes}), flush=True)
            if options.processes == 1:
                return _one(options, port, Served(options.model), quiet=False)
            return _several(options, port)
    except (ModelError, OSError) as error:
        print(f"nlu server: {error}", file=sys.stderr)
        return 1


def _probe(host: str, port: int) -> socket.socket:
    """Refuse a busy port with a clear message, and hold a free one (port 0) for all processes."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as strict:
        strict.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            strict.bind((host, port))
        except OSError as error:
            raise OSError(f"port {port} on {host} cannot be used: {error.strerror}") from error
        port = strict.getsockname()[1]
    return _socket(host, port)


if __name__ == "__main__":
    sys.exit(main())
