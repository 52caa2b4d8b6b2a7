"""Logs: one JSON object a line on standard error, without secrets, telephone numbers or the values of variables."""

from __future__ import annotations

import json
import logging
import logging.config
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from providers.redact import HIDDEN, scrub

STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime", "taskName"}
SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "api_key", "session")
LONGEST = 4_000


class LineFormatter(logging.Formatter):
    """A record as one line of JSON. Line breaks within a value become escapes, so no value can forge a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, text, request id, extra values and where an error arose."""
        from dashboard.request_context import acting

        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "text": scrub(record.getMessage())[:LONGEST],
        }
        if request_id := acting.get().request_id:
            line["request_id"] = request_id
        line |= {name: clean(name, value) for name, value in record.__dict__.items() if name not in STANDARD and plain(value)}
        if record.exc_info and record.exc_info[1]:
            line["error"] = error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True)


def plain(value: Any) -> bool:
    """Whether an extra value is one to write: requests, sockets and the like are not."""
    return value is None or isinstance(value, (str, int, float, bool))


def clean(name: str, value: Any) -> Any:
    """An extra value without what its name or its content says is secret."""
    if any(word in name.lower() for word in SECRET_WORDS):
        return HIDDEN
    return scrub(value)[:LONGEST] if isinstance(value, str) else value


def error(exception: BaseException) -> dict[str, Any]:
    """An exception as its type, its scrubbed text and the places it came through, innermost last; no locals, no source."""
    frames = traceback.extract_tb(exception.__traceback__)
    return {
        "type": type(exception).__name__,
        "text": scrub(str(exception))[:LONGEST],
        "places": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-15:]],
    }


def configure(options: Mapping[str, Any]) -> None:
    """Set logging up; `options` has the level. httpx and httpcore stay quiet: their debug lines hold headers."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": LineFormatter}},
            "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stream"], "level": options["level"]},
            "loggers": {
                "django": {"handlers": [], "level": "INFO", "propagate": True},
                "django.server": {"handlers": [], "level": "INFO", "propagate": True},
                "django.db.backends": {"level": "INFO"},
                "httpx": {"level": "WARNING"},
                "httpcore": {"level": "WARNING"},
            },
        }
    )
