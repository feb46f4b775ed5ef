"""Structured logs: one JSON line per event, with the id of the message it is about and no personal data.

An exception is logged as its kind and its way through the code, without what it says: what it says is often
what a citizen wrote. LIANXIN_LOG_LEVEL=debug shows it in full, for a developer's own machine.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError

STRANGE = (HttpProcessingError, RequestPayloadError)  # no HTTP, or a broken body: a stranger's fault


def set_up(level: str) -> None:
    number = logging.getLevelNamesMapping()[level.upper()]
    in_full = number <= logging.DEBUG
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info if in_full else structlog.processors.ExceptionRenderer(outline),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processor=structlog.processors.JSONRenderer(ensure_ascii=False)
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.INFO), force=True)
    # The access log would hold openids and chat tokens in its addresses.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    logging.getLogger("jieba").setLevel(logging.WARNING)
    if not in_full:
        logging.getLogger("aiohttp.server").addFilter(briefly)
        logging.getLogger("asyncio").addFilter(briefly)


def outline(exc_info: Any) -> str:
    """`ValueError at bot/turn.py:117 in _turn < …`, innermost place first; causes after it."""
    error: BaseException | None = exc_info[1]
    told: list[str] = []
    while error is not None and len(told) < 5:
        told.append(_place(error))
        inner = error.exceptions[:3] if isinstance(error, BaseExceptionGroup) else ()
        told.extend(f"within: {_place(one)}" for one in inner)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "; because of ".join(told)


def _place(error: BaseException) -> str:
    found = traceback.extract_tb(error.__traceback__)
    steps = [*[step for step in found[:-1] if "site-packages" not in step.filename][-6:], *found[-1:]]
    way = " < ".join(
        f"{step.filename.split('site-packages/')[-1]}:{step.lineno} in {step.name}"
        for step in reversed(steps)
    )
    return f"{type(error).__name__} at {way or 'nowhere'}"


def briefly(record: logging.LogRecord) -> bool:
    """What others log with values in it: asyncio shows a task with its exception, aiohttp the bytes of a
    request that is none (and calls it an error, so that anybody could fill the log)."""
    error = record.exc_info[1] if record.exc_info else None
    record.msg, record.args = record.getMessage().partition("\n")[0], ()
    if isinstance(error, STRANGE):
        record.msg, record.exc_info = f"request refused: {type(error).__name__}", None
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True
