"""Alembic's entry: migrates the database whose address `bot.store.database` hands over."""

from alembic import context
from sqlalchemy import create_engine, text

from bot.store.tables import METADATA


def run() -> None:
    url = str(context.config.attributes["url"]).replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url)
    with engine.connect() as connection:
        # one migration at a time, whichever node starts first
        connection.execute(text("SELECT pg_advisory_lock(12345)"))
        connection.commit()
        context.configure(connection=connection, target_metadata=METADATA, compare_server_default=True)
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text("SELECT pg_advisory_unlock(12345)"))
        connection.commit()
    engine.dispose()


run()
