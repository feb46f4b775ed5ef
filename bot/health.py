"""/health/live, /health/ready and /metrics: for those who run it, and for the machines that watch it."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from bot.store.conversations import Outbox
from bot.world import WORLD

OLD = 300.0  # seconds a due message may wait before this node is no longer called ready


async def live(request: web.Request) -> web.Response:
    return web.json_response({"status": "alive"})


async def ready(request: web.Request) -> web.Response:
    """200 when citizens are served in full; 503 with the part that is not. Without the model messages are
    still accepted and kept, so that part alone is "degraded" and stays 200."""
    world = request.app[WORLD]
    parts: dict[str, object] = {}
    ok = True
    try:
        async with world.session() as session:
            oldest = await session.scalar(
                select(func.min(Outbox.due_at)).where(Outbox.status == "queued", Outbox.due_at < func.now())
            )
        age = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0
        metrics.OUTBOX_AGE.set(age)
        parts |= {"database": "ok", "outbox_age_seconds": round(age, 1)}
        ok = age < OLD
    except (SQLAlchemyError, OSError):
        parts["database"] = "down"
        ok = False
    nlu = await world.understander.ready()
    parts["nlu"] = "ok" if nlu else "down"
    status = "ready" if ok and nlu else "degraded" if ok else "not ready"
    return web.json_response({"status": status, **parts}, status=200 if ok else 503)


async def numbers(request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def routes() -> list[web.RouteDef]:
    return [web.get("/health/live", live), web.get("/health/ready", ready), web.get("/metrics", numbers)]
