"""The database itself: migrations equal the tables, histories only grow, Chinese is searchable."""

from __future__ import annotations

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from bot.store import database


def test_the_chain_of_migrations_makes_the_tables(database_url: str) -> None:
    command.check(database._config(database_url))


def test_migrations_run_forward_in_one_line() -> None:
    script = ScriptDirectory(str(database.MIGRATIONS))
    assert len(script.get_heads()) == 1


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    database.migrate(database_url)
    command.check(database._config(database_url))


@pytest.mark.parametrize("table", ["ticket_events", "audit"])
def test_histories_are_only_appended_to(database_url: str, table: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO audit (verb) VALUES ('looked')")
        connection.execute(
            "INSERT INTO tickets (number, code, source, kind, service, category, department, deadline,"
            " summary, body, details) VALUES ('LJ1', 'A', 'web', 'help', 's', 'c', 'd', now(), 'x', 'x', 'x')"
        )
        connection.execute(
            "INSERT INTO ticket_events (ticket_id, verb, actor, body)"
            " SELECT id, 'filed', 'bot', '' FROM tickets"
        )
        for statement in (f"UPDATE {table} SET verb = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(psycopg.errors.RaiseException, match="only appended"):
                connection.execute(statement)


def test_trigrams_see_chinese(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT similarity('小区暖气不热', '暖气不热')").fetchone()
    assert row and row[0] > 0.3
