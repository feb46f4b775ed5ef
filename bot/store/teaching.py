"""What is taught: the tree of nlu_data files in revisions, and the queue of misread messages.

The files are the truth; `phrases` is derived and rebuilt for every file that a revision changes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, identity, now

# ---- the training data ------------------------------------------------------------------------------


class Revision(Base):
    """One change of the data by one person. `kind`: seed · edit · import · undo · restore."""

    __tablename__ = "data_revisions"

    number: Mapped[int] = identity()
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    kind: Mapped[str]
    why: Mapped[str] = mapped_column(server_default="")
    undoes: Mapped[int | None] = mapped_column(ForeignKey("data_revisions.number"))
    at: Mapped[datetime] = now()


class DataFile(Base):
    """A file as a revision left it; `content` NULL: deleted. The present state is the latest row per path."""

    __tablename__ = "data_files"

    path: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(ForeignKey("data_revisions.number"), primary_key=True)
    content: Mapped[str | None]

    __table_args__ = (Index("ix_data_files_revision", "revision"),)


class PhraseRow(Base):
    """One training phrase. `text` is what a citizen writes, `marked` the same with Rasa's annotations."""

    __tablename__ = "phrases"

    id: Mapped[int] = identity()
    path: Mapped[str]
    line: Mapped[int]
    intent: Mapped[str]
    axis: Mapped[str]  # service · act
    text: Mapped[str]
    marked: Mapped[str]
    normalised: Mapped[str]  # for what counts as the same
    entities: Mapped[list[Any]] = mapped_column(JSONB, server_default=sql("'[]'::jsonb"))
    kind: Mapped[str] = mapped_column(server_default="")
    safety: Mapped[str] = mapped_column(server_default="")
    conduct: Mapped[str] = mapped_column(server_default="")
    revision: Mapped[int] = mapped_column(ForeignKey("data_revisions.number"))  # that brought it

    __table_args__ = (
        Index("ix_phrases_path", "path", "line"),
        Index("ix_phrases_intent", "intent"),
        Index("ix_phrases_same", "normalised", postgresql_using="hash"),
        Index(
            "ix_phrases_alike",
            "normalised",
            postgresql_using="gin",
            postgresql_ops={"normalised": "gin_trgm_ops"},
        ),
    )


# ---- the inbox of misread messages ---------------------------------------------------------------------


class MisreadGroup(Base):
    """Misread messages that are alike. `vector` points where the first does; none without an encoder."""

    __tablename__ = "misread_groups"

    id: Mapped[int] = identity()
    encoder: Mapped[str] = mapped_column(server_default="")
    vector: Mapped[bytes | None]
    guesses: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    sample: Mapped[str]  # the words that others are compared with
    created_at: Mapped[datetime] = now()

    __table_args__ = (
        Index(
            "ix_misread_groups_sample_trgm",
            "sample",
            postgresql_using="gin",
            postgresql_ops={"sample": "gin_trgm_ops"},
        ),
    )


class Misread(Base):
    """One message that somebody should look at, once, whatever brought it here.

    `status`: open · proposed (taught, a second person must confirm) · taught · ignored.
    `words` are fit to be taught: personal data in them is made up (bot/studio/teachable.py).
    """

    __tablename__ = "misread"

    id: Mapped[int] = identity()
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), unique=True)
    sources: Mapped[list[str]]
    words: Mapped[str]
    marks: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))  # [start, end, tag]
    guesses: Mapped[list[Any]] = mapped_column(
        JSONB, server_default=text("'[]'::jsonb")
    )  # [name, confidence]
    service: Mapped[str] = mapped_column(server_default="")  # as the model read it, "" for nothing
    confidence: Mapped[float] = mapped_column(server_default=text("0"))
    model: Mapped[str] = mapped_column(server_default="")
    wanted: Mapped[str] = mapped_column(server_default="")  # what somebody said it should have been
    kind: Mapped[str] = mapped_column(server_default="")
    safety: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")  # masked
    urgency: Mapped[int] = mapped_column(server_default=text("0"))  # 2 danger, 1 a person said so, 0 the rest
    status: Mapped[str] = mapped_column(server_default="open")
    group_id: Mapped[int | None] = mapped_column(ForeignKey("misread_groups.id"))
    brought_by: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime] = now()
    updated_at: Mapped[datetime] = now()

    __table_args__ = (
        Index("ix_misread_status", "status", "group_id"),
        Index("ix_misread_group_id", "group_id", "id"),
        Index("ix_misread_ungrouped", "id", postgresql_where=text("group_id IS NULL")),
        Index(
            "ix_misread_words_trgm",
            "words",
            postgresql_using="gin",
            postgresql_ops={"words": "gin_trgm_ops"},
        ),
    )


class MisreadAct(Base):
    """What somebody did with misread messages, whole enough to be undone.

    `verb`: taught · proposed · confirmed · rejected · ignored · reopened. `data` holds what was taught and
    how the messages stood before.
    """

    __tablename__ = "misread_acts"

    id: Mapped[int] = identity()
    verb: Mapped[str]
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    revisions: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))  # of the data
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    at: Mapped[datetime] = now()
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))

    __table_args__ = (Index("ix_misread_acts_at", "at"),)


class MisreadActItem(Base):
    """Which messages an act was about."""

    __tablename__ = "misread_act_items"

    act_id: Mapped[int] = mapped_column(ForeignKey("misread_acts.id"), primary_key=True)
    misread_id: Mapped[int] = mapped_column(ForeignKey("misread.id"), primary_key=True)

    __table_args__ = (Index("ix_misread_act_items_misread_id", "misread_id"),)


class TeachingSetting(Base):
    """A switch of the studio, such as `two_person`."""

    __tablename__ = "teaching_settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    changed_at: Mapped[datetime] = now()
