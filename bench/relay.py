"""The floor of the seats' measurement: the same frames over a bare aiohttp relay, without a house."""

from __future__ import annotations

import asyncio

import aiohttp
from aiohttp import web

from bench.board import EVENTS, PAUSE_S, QUEUED, SEATS, Board


async def relay(port: int) -> None:
    """Hands each frame on to the sockets that it names ("*": to all). No database, no rights, no history."""
    sockets: dict[str, web.WebSocketResponse] = {}

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        sockets[request.query["name"]] = socket
        async for message in socket:
            to = message.json()["to"]
            for reader in list(sockets.values()) if to == "*" else [sockets[to]]:
                await reader.send_str(message.data)
        return socket

    app = web.Application()
    app.add_routes([web.get("/", serve)])
    await web._run_app(app, host="127.0.0.1", port=port, print=None)


async def floor(http: aiohttp.ClientSession, port: int) -> Board:
    """One to one for lines and answers, one to all consoles for the queue."""
    board = Board()

    async def read(socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            frame = message.json()
            board.seen(frame["what"], frame["key"])

    url = f"http://127.0.0.1:{port}/?name="
    sockets = [await http.ws_connect(f"{url}{number}") for number in range(SEATS)]
    readers = [asyncio.create_task(read(socket)) for socket in sockets]
    for what in ("line to the seat", "answer to the citizen"):
        for number in range(EVENTS):
            board.send(what, str(number), 1)
            to = str(number % SEATS)
            await sockets[(number + 1) % SEATS].send_json({"what": what, "key": str(number), "to": to})
            await asyncio.sleep(PAUSE_S)
    for number in range(QUEUED):
        board.send("queue entry to all consoles", str(number), SEATS)
        await sockets[0].send_json({"what": "queue entry to all consoles", "key": str(number), "to": "*"})
        await asyncio.sleep(0.5)
    await board.settled()
    for reader in readers:
        reader.cancel()
    return board
