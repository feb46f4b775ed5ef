"""A model for tests of the house: Rasa's protocol over real HTTP, answers by keyword, stopped at will."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from aiohttp import web

# words → (intent, kind)
SERVICES = {
    "暖气": ("heating", "complaint"),
    "路灯": ("street_lights", "complaint"),
    "井盖": ("manholes", "complaint"),
    "工资": ("unpaid_wages", "complaint"),
}
ACTS = {
    "转人工": "ask_person",
    "你好": "greet",
    "对": "affirm",
    "不是": "deny",
    "谢谢": "thank",
    "进度": "ask_progress",
}
ENTITIES = {"estate": "幸福里小区", "room": r"\d+栋\d+", "phone": r"1\d{10}", "time": "三天"}


def parse(text: str) -> dict[str, Any]:
    """What Rasa would answer."""
    service, kind = next((s for word, s in SERVICES.items() if word in text), ("", ""))
    act = next((a for word, a in ACTS.items() if word in text), "inform")
    name = service or act
    ranking = [{"name": name, "confidence": 0.96}, {"name": "bus", "confidence": 0.001}]
    entities = [
        {"entity": name, "start": found.start(), "end": found.end(), "value": found.group()}
        for name, pattern in ENTITIES.items()
        for found in re.finditer(pattern, text)
    ]
    answer: dict[str, Any] = {
        "text": text,
        "intent": ranking[0],
        "intent_ranking": ranking,
        "entities": entities,
        "model_id": "keywords",
    }
    if kind:
        answer["kind"] = {"name": kind, "confidence": 0.9}
    if not service:
        answer["act"] = {"name": act, "confidence": 0.95}
    return answer


class KeywordNlu:
    """`delay` seconds per answer; `stop` closes the port, `start` opens the same one again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.delay = 0.0
        self.asked: list[str] = []
        self.broken: dict[str, str] = {}  # texts that are answered with nonsense
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.add_routes([web.post("/model/parse", self._parse), web.get("/status", self._status)])
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def _parse(self, request: web.Request) -> web.Response:
        text = (await request.json())["text"]
        self.asked.append(text)
        await asyncio.sleep(self.delay)
        return web.Response(text=self.broken.get(text) or json.dumps(parse(text)))

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response({"model_id": "keywords", "num_active_training_jobs": 0})
