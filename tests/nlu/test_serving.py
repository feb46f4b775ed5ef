"""The server: Rasa's shapes, an honest 503, and a new model without a dropped request."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer

from nlu.reading.engine import Engine, ModelError
from nlu.reading.second import Slow
from nlu.serving.api import make_app
from nlu.serving.models import Served
from nlu.serving.work import Full, Queue
from tests.nlu.small_model import write_model

Client = TestClient


@contextlib.asynccontextmanager
async def serving(models: Path, size: int = 64, working: bool = True) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    served = Served(models)
    queue = Queue(served, size)
    tasks = [asyncio.create_task(served.watch())]
    if working:
        tasks.append(asyncio.create_task(queue.run()))
    async with TestClient(TestServer(make_app(served, queue))) as client:
        yield client
    for task in tasks:
        task.cancel()


async def test_it_answers_as_rasa_does(tmp_path: Path) -> None:
    write_model(tmp_path)
    async with serving(tmp_path) as client:
        parse = await (
            await client.post("/model/parse", json={"text": "投诉解放路暖气不热", "message_id": "1"})
        ).json()
        assert parse["text"] == "投诉解放路暖气不热"
        assert parse["intent"]["name"] == "heating"
        entity = parse["entities"][0]
        assert (entity["entity"], entity["start"], entity["end"], entity["value"]) == ("road", 2, 5, "解放路")
        assert parse["model_id"] == "id-lianxin-one"
        status = await (await client.get("/status")).json()
        assert status == {
            "model_file": "lianxin-one.tar.gz",
            "model_id": "id-lianxin-one",
            "num_active_training_jobs": 0,
        }
        version = await (await client.get("/version")).json()
        assert version == {"version": "3.6.21", "minimum_compatible_version": "3.6.21"}
        assert await (await client.get("/")).text() == "Hello from Rasa: 3.6.21"


async def test_a_batch_keeps_its_order(tmp_path: Path) -> None:
    write_model(tmp_path)
    async with serving(tmp_path) as client:
        texts = ["暖气", "公交站", "您"] * 10
        answer = await client.post("/model/parse/batch", json=[{"text": text} for text in texts])
        parses = await answer.json()
        assert [parse["text"] for parse in parses] == texts
        assert [parse["intent"]["name"] for parse in parses[:3]] == ["heating", "bus", "greet"]


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b'{"text": 1}', b'{"t": "x"}', b'{"text": null}', b"\xff\xfe", b"[" * 5000]
)
async def test_a_wrong_request_is_refused_in_rasas_shape(tmp_path: Path, body: bytes) -> None:
    write_model(tmp_path)
    async with serving(tmp_path) as client:
        answer = await client.post("/model/parse", data=body)
        assert answer.status == 400
        wrong = await answer.json()
        assert wrong["status"] == "failure" and wrong["code"] == 400 and wrong["reason"] and wrong["version"]


@pytest.mark.parametrize("text", ["", "\ud83d", "\x00", "😀" * 1000, "停水" * 3000, "مرحبا 你好"])
async def test_odd_texts_are_answered(tmp_path: Path, text: str) -> None:
    write_model(tmp_path)
    async with serving(tmp_path) as client:
        answer = await client.post("/model/parse", json={"text": text})
        assert answer.status == 200
        assert (await answer.json())["text"] == text.strip()


class Pondering(Engine):
    """Needs the encoder for every text about fire, and the encoder is not ready before `ready`."""

    def __init__(self, plain: Engine, ready: threading.Event) -> None:
        super().__init__(plain.meta, plain.reader, plain._gazetteer)
        self._ready = ready

    def parse(self, text: str, at_once: bool = False) -> dict[str, Any]:
        if "火" in text:
            if at_once:
                raise Slow
            assert self._ready.wait(10)
        return super().parse(text, at_once)


async def test_nobody_waits_behind_the_encoder(tmp_path: Path) -> None:
    write_model(tmp_path)
    served, ready = Served(tmp_path), threading.Event()
    served.engine = Pondering(served.engine, ready)
    queue = Queue(served, 2)
    working = asyncio.create_task(queue.run())
    (slow,) = queue.put(["楼下起火"])
    (quick,) = queue.put(["暖气不热"])
    assert (await quick)["intent"]["name"] == "heating"
    assert not slow.done()
    with pytest.raises(Full):
        queue.put(["暖气", "不热"])  # who ponders keeps a place
    ready.set()
    assert (await slow)["intent"]["name"] == "emergency"
    working.cancel()


async def test_a_full_queue_says_so(tmp_path: Path) -> None:
    write_model(tmp_path)
    async with serving(tmp_path, size=2, working=False) as client:
        waiting = [asyncio.create_task(client.post("/model/parse", json={"text": "暖"})) for _ in range(2)]
        await asyncio.sleep(0.1)
        refused = await client.post("/model/parse", json={"text": "暖"})
        assert refused.status == 503
        assert refused.headers["Retry-After"] == "1"
        assert (await refused.json())["reason"] == "Overloaded"
        too_many = await client.post("/model/parse/batch", json=[{"text": "暖"}] * 3)
        assert too_many.status == 503
        for task in waiting:
            task.cancel()


async def test_a_new_model_takes_over_and_no_request_is_dropped(tmp_path: Path) -> None:
    write_model(tmp_path, "lianxin-one")
    write_model(tmp_path, "lianxin-two", serve=False)
    async with serving(tmp_path) as client:
        seen: list[str] = []

        async def ask(session: ClientSession) -> None:
            for _ in range(60):
                answer = await session.post("/model/parse", json={"text": "暖气不热"})
                assert answer.status == 200
                seen.append((await answer.json())["model_id"])
                await asyncio.sleep(0.005)

        asking = [asyncio.create_task(ask(client.session)) for _ in range(0)]
        asking += [asyncio.create_task(_asks(client, seen)) for _ in range(8)]
        await asyncio.sleep(0.1)
        changed = await client.put("/model", json={"model_file": "models/lianxin-two.tar.gz"})
        assert changed.status == 204
        await asyncio.gather(*asking)
        assert set(seen) == {"id-lianxin-one", "id-lianxin-two"}
        assert (tmp_path / "current").read_text().strip() == "lianxin-two"


async def _asks(client: TestClient, seen: list[str]) -> None:  # type: ignore[type-arg]
    for _ in range(60):
        answer = await client.post("/model/parse", json={"text": "暖气不热"})
        assert answer.status == 200
        seen.append((await answer.json())["model_id"])
        await asyncio.sleep(0.005)


async def test_the_pointer_is_followed_and_a_broken_model_is_not_taken(tmp_path: Path) -> None:
    write_model(tmp_path, "lianxin-one")
    broken = write_model(tmp_path, "lianxin-broken", serve=False)
    (broken / "reader" / "axes.json").write_text("{")
    write_model(tmp_path, "lianxin-two", serve=False)
    async with serving(tmp_path) as client:

        async def model() -> str:
            return str((await (await client.get("/status")).json())["model_id"])

        (tmp_path / "current").write_text("lianxin-broken\n")
        await asyncio.sleep(1.2)
        assert await model() == "id-lianxin-one"
        (tmp_path / "current").write_text("lianxin-two\n")
        for _ in range(40):
            if await model() == "id-lianxin-two":
                break
            await asyncio.sleep(0.1)
        assert await model() == "id-lianxin-two"


@pytest.mark.parametrize("name", ["nope", "../etc", "", "."])
async def test_only_models_of_the_folder_can_be_asked_for(tmp_path: Path, name: str) -> None:
    write_model(tmp_path)
    async with serving(tmp_path) as client:
        answer = await client.put("/model", json={"model_file": name})
        assert answer.status == 400
        assert (await answer.json())["status"] == "failure"


def test_a_folder_without_a_model_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model"):
        Served(tmp_path)
    with pytest.raises(ModelError, match="holds no exported model"):
        Engine.load(tmp_path)
