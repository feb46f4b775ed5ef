"""What the studio knows of models: trainings, versions with their files, judgements, and who reads whom.

`publications` is only appended to: its last row says what is in service, every earlier one what was.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, identity, now


class ModelVersion(Base):
    """A trained model; its number is its id. `source`: trained (in the studio) · installed (found served)."""

    __tablename__ = "model_versions"

    id: Mapped[int] = identity()
    name: Mapped[str] = mapped_column(unique=True)  # lianxin-<fingerprint>: folder and archive
    reader_id: Mapped[str] = mapped_column(server_default="")  # what the NLU answers as model_id
    source: Mapped[str] = mapped_column(server_default="trained")
    revision: Mapped[int | None]  # of the training data
    phrases: Mapped[int] = mapped_column(server_default="0")
    services: Mapped[int] = mapped_column(server_default="0")
    profile: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'::jsonb")
    )  # of its training data
    exact: Mapped[bool] = mapped_column(server_default=text("false"))  # the export answers as Rasa does
    note: Mapped[str] = mapped_column(server_default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    created_at: Mapped[datetime] = now()
    retired_at: Mapped[datetime | None]  # its files were deleted; what was measured stays


class ModelFile(Base):
    """The bytes of a version. `form`: export (what our server reads) · rasa (archive) · data (phrases)."""

    __tablename__ = "model_files"

    model_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"), primary_key=True)
    form: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    sha256: Mapped[str]
    data: Mapped[bytes]


class Training(Base):
    """A job. `kind`: train · judge. `status`: queued · running · done · failed · cancelled."""

    __tablename__ = "trainings"

    id: Mapped[int] = identity()
    kind: Mapped[str] = mapped_column(server_default="train")
    status: Mapped[str] = mapped_column(server_default="queued")
    stage: Mapped[str] = mapped_column(server_default="")
    progress: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    problem: Mapped[str] = mapped_column(server_default="")  # a code of bot.studio.problems
    detail: Mapped[str] = mapped_column(server_default="")  # file and line, or the last words of the process
    note: Mapped[str] = mapped_column(server_default="")
    revision: Mapped[int | None]
    model_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id"))
    against_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id"))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    cancel: Mapped[bool] = mapped_column(server_default=text("false"))
    node: Mapped[str] = mapped_column(server_default="")
    attempts: Mapped[int] = mapped_column(server_default="0")
    heartbeat_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = now()
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_trainings_open", "id", postgresql_where=text("status IN ('queued', 'running')")),
    )


class HeldOut(Base):
    """A frozen copy of the held-out phrases, by the hash of their files."""

    __tablename__ = "test_sets"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes]
    created_at: Mapped[datetime] = now()


class Judgement(Base):
    """One model measured beside another. `gates`: what each gate saw; `passed`: all of them."""

    __tablename__ = "judgements"

    id: Mapped[int] = identity()
    model_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    against_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id"))
    test_set: Mapped[str] = mapped_column(ForeignKey("test_sets.sha256"))
    report: Mapped[dict[str, Any]]
    gates: Mapped[dict[str, Any]]
    passed: Mapped[bool]
    created_at: Mapped[datetime] = now()

    __table_args__ = (Index("ix_judgements_model_id", "model_id", "id"),)


class Publication(Base):
    """Who reads whom from now on. `verb`: installed · publish · stage · shadow · stop · rollback."""

    __tablename__ = "publications"

    id: Mapped[int] = identity()
    verb: Mapped[str]
    live_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    before_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id"))  # roll-back leads here
    staged_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id"))
    share: Mapped[int] = mapped_column(server_default="0")  # per cent of conversations the staged one reads
    shadow_id: Mapped[int | None] = mapped_column(ForeignKey("model_versions.id"))
    reason: Mapped[str] = mapped_column(server_default="")  # why it was published although a gate said no
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    created_at: Mapped[datetime] = now()


class ModelNode(Base):
    """A machine of ours: which publication it follows, which models its NLU holds, what hinders it."""

    __tablename__ = "model_nodes"

    node: Mapped[str] = mapped_column(primary_key=True)
    publication_id: Mapped[int | None] = mapped_column(ForeignKey("publications.id"))
    holds: Mapped[list[str]] = mapped_column(server_default=text("'[]'::jsonb"))
    problem: Mapped[str] = mapped_column(server_default="")
    seen_at: Mapped[datetime] = now()


class ShadowRead(Base):
    """What a model in the shadow made of a live message, beside what the citizen's answer stood on."""

    __tablename__ = "shadow_reads"

    id: Mapped[int] = identity()
    inbox_id: Mapped[int] = mapped_column(ForeignKey("inbox.id"))
    model_id: Mapped[int] = mapped_column(ForeignKey("model_versions.id"))
    live: Mapped[str] = mapped_column(server_default="")  # reader id of the model that answered
    live_service: Mapped[str] = mapped_column(server_default="")
    service: Mapped[str] = mapped_column(server_default="")
    live_act: Mapped[str] = mapped_column(server_default="")
    act: Mapped[str] = mapped_column(server_default="")
    live_alarms: Mapped[list[str]] = mapped_column(server_default=text("'[]'::jsonb"))
    alarms: Mapped[list[str]] = mapped_column(server_default=text("'[]'::jsonb"))
    confidence: Mapped[float] = mapped_column(server_default="0")
    agrees: Mapped[bool]
    created_at: Mapped[datetime] = now()

    __table_args__ = (
        UniqueConstraint("inbox_id", "model_id"),
        Index("ix_shadow_reads_model_id", "model_id", "id"),
    )


class StudioSetting(Base):
    """Gates, retention and the register entry; one row each."""

    __tablename__ = "studio_settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime] = now()
