"""A model that is served but that the studio has not seen: it gets a number and its files are kept.

So the first model of an installation, and one that `./lianxin train` made, can be compared, published and
returned to like any other.
"""

from __future__ import annotations

import io
import json
import tarfile

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import ModelVersion, Publication
from bot.store.session import notify
from bot.studio import files, models
from bot.studio.exchange import ExchangeError

TOPIC = "models"  # of the news that trainings, versions or publications changed
_LOCK = 12347  # publications are written one at a time


async def locked(session: AsyncSession) -> None:
    """Until this transaction ends nobody else changes what is in service."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def reader_id(export: bytes) -> str:
    """The id under which the NLU answers, as the export says it. Raises ExchangeError."""
    try:
        with tarfile.open(fileobj=io.BytesIO(export), mode="r:gz") as tar:
            member = tar.extractfile("model.json")
            content = json.loads(member.read(64 * 1024)) if member else {}
            return str(content["model_id"])[:100]
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError, TypeError) as error:
        raise ExchangeError(f"the model's archive is damaged ({type(error).__name__})") from error


async def add(
    session: AsyncSession, name: str, export: bytes, rasa: bytes | None, **facts: object
) -> ModelVersion:
    """The version of this name, made now unless it is known."""
    statement = insert(ModelVersion).values(name=name, reader_id=reader_id(export), **facts)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["name"]))
    version = (await session.scalars(select(ModelVersion).where(ModelVersion.name == name))).one()
    await files.keep(session, version.id, "export", export)
    if rasa is not None:
        await files.keep(session, version.id, "rasa", rasa)
    await notify(session, TOPIC, kind="models")
    return version


async def adopt(session: AsyncSession, name: str, export: bytes, rasa: bytes | None) -> None:
    """Take in what the NLU serves. It goes into service at once unless somebody chose a model in the studio:
    then it is a candidate like any other."""
    await locked(session)
    version = await add(session, name, export, rasa, source="installed", exact=True)
    now = await models.in_service(session)
    if now.live is None or (now.live.source == "installed" and now.live.id != version.id):
        session.add(
            Publication(
                verb="installed",
                live_id=version.id,
                before_id=now.live.id if now.live else None,
                shadow_id=now.shadow.id if now.shadow and now.shadow.id != version.id else None,
            )
        )
        await session.flush()
        await notify(session, TOPIC, kind="publication")
