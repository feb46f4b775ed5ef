"""Rasa's HTTP interface, as far as understanding goes, in Rasa's own shapes; plus a batch call, and more than
one model: `POST /model/parse?model=NAME` is read by that one, the rest by the default.

What Rasa answers with 500 for a request that is simply wrong is answered with 400 here, in the same shape.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from nlu.reading.engine import Engine, ModelError
from nlu.serving import exchange
from nlu.serving.models import NoModel, Served
from nlu.serving.work import Full, Queue

MAX_BODY = 4 * 1024 * 1024
MAX_BATCH = 128
SERVED: web.AppKey[Served] = web.AppKey("served", Served)
QUEUE: web.AppKey[Queue] = web.AppKey("queue", Queue)


class _Wrong(Exception):
    """The request cannot be answered; status, reason and message go into Rasa's error shape."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


def _json(content: Any, status: int = 200, **headers: str) -> web.Response:
    # ASCII, as Rasa does it: a lone surrogate in the citizen's text must not break the answer.
    text = json.dumps(content, separators=(",", ":"))
    return web.Response(text=text, status=status, content_type="application/json", headers=headers)


async def _body(request: web.Request) -> Any:
    try:
        return json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise _Wrong(400, "BadRequest", "The request body is not JSON.") from error


def _text(message: Any) -> str:
    if not isinstance(message, dict) or not isinstance(message.get("text"), str):
        raise _Wrong(400, "BadRequest", "No text message defined in request_body.")
    return str(message["text"])


async def _engine(request: web.Request) -> Engine | None:
    """The model that `?model=` names; None: the default."""
    name = request.query.get("model", "")
    if not name:
        return None
    try:
        return await request.app[SERVED].get(name)
    except NoModel as error:
        raise _Wrong(404, "NoModel", str(error)) from error
    except (ModelError, OSError) as error:
        raise _Wrong(409, "ModelBroken", str(error)) from error


async def parse(request: web.Request) -> web.Response:
    """POST /model/parse {"text": …}"""
    text = _text(await _body(request))
    (answer,) = request.app[QUEUE].put([text], await _engine(request))
    return _json(await answer)


async def parse_batch(request: web.Request) -> web.Response:
    """POST /model/parse/batch [{"text": …}, …] → the parses in the same order."""
    messages = await _body(request)
    if not isinstance(messages, list) or len(messages) > MAX_BATCH:
        raise _Wrong(400, "BadRequest", f"A list of at most {MAX_BATCH} messages is expected.")
    answers = request.app[QUEUE].put([_text(message) for message in messages], await _engine(request))
    return _json(await asyncio.gather(*answers))


async def status(request: web.Request) -> web.Response:
    """GET /status"""
    meta = request.app[SERVED].engine.meta
    return _json({"model_file": meta.name, "model_id": meta.model_id, "num_active_training_jobs": 0})


async def version(request: web.Request) -> web.Response:
    """GET /version: of the Rasa that trained the model."""
    meta = request.app[SERVED].engine.meta
    return _json({"version": meta.rasa, "minimum_compatible_version": meta.minimum_rasa})


async def hello(request: web.Request) -> web.Response:
    """GET /"""
    return web.Response(text=f"Hello from Rasa: {request.app[SERVED].engine.meta.rasa}")


async def put_model(request: web.Request) -> web.Response:
    """PUT /model {"model_file": …}: serve another model of the folder, in all processes."""
    content = await _body(request)
    name = content.get("model_file") if isinstance(content, dict) else None
    if not isinstance(name, str):
        raise _Wrong(400, "BadRequest", "No model_file defined in request_body.")
    served = request.app[SERVED]
    try:
        served.point_at(served.resolve(name))
        await served.take_over()
    except ModelError as error:
        raise _Wrong(400, "BadRequest", str(error)) from error
    return web.Response(status=204)


@web.middleware
async def _errors(request: web.Request, handler: Any) -> web.StreamResponse:
    """Every refusal in Rasa's error shape."""
    try:
        response: web.StreamResponse = await handler(request)
        return response
    except _Wrong as wrong:
        return _failure(request, wrong.status, wrong.reason, str(wrong))
    except NoModel as error:
        return _failure(request, 404, "NoModel", str(error))
    except ModelError as error:
        return _failure(request, 400, "BadModel", str(error))
    except OSError as error:
        message = f"The server cannot do this with its folder: {error.strerror or error}"
        return _failure(request, 507, "NoRoom", message)
    except Full:
        message = "Too many messages are waiting."
        return _failure(request, 503, "Overloaded", message, **{"Retry-After": "1"})
    except web.HTTPException as error:
        return _failure(request, error.status, error.reason.replace(" ", ""), error.reason)


def _failure(request: web.Request, status: int, reason: str, message: str, **headers: str) -> web.Response:
    content: dict[str, Any] = {
        "version": request.app[SERVED].engine.meta.rasa,
        "status": "failure",
        "message": message,
        "reason": reason,
        "details": {},
        "help": None,
        "code": status,
    }
    return _json(content, status, **headers)


def make_app(served: Served, queue: Queue) -> web.Application:
    """The routes; model and queue are given."""
    app = web.Application(client_max_size=MAX_BODY, middlewares=[_errors])
    app[SERVED] = served
    app[QUEUE] = queue
    app.add_routes(
        [
            web.get("/", hello),
            web.get("/status", status),
            web.get("/version", version),
            web.post("/model/parse", parse),
            web.post("/model/parse/batch", parse_batch),
            web.put("/model", put_model),
            *exchange.routes(SERVED),
        ]
    )
    return app
