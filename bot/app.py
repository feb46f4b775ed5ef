"""The one place that wires: the world, channels, console and pages, courier and sweeper."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator
from pathlib import Path

import structlog
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot import console, demo, health, logs, registry
from bot.attachments import Attachments
from bot.config import ROOT, Settings
from bot.dialogue.policy import Policy
from bot.errors import ConfigError, LianxinError, SetupError
from bot.guard import guard
from bot.inbox import House
from bot.knowledge import load_knowledge
from bot.outbox import Courier
from bot.safety import load_net
from bot.services import load_catalogue
from bot.store import database, sealing
from bot.store.sealing import Sealer
from bot.store.session import AWAY, News, make_engine, sessions
from bot.studio import tree
from bot.studio.exporting import Written, to_folder
from bot.studio.following import Follower
from bot.studio.grouping import Grouper
from bot.studio.keeper import Keeper
from bot.studio.trainer import Trainer
from bot.sweeper import Sweeper
from bot.turn import Turns
from bot.understanding import Understander, Words
from bot.world import WORLD, Guide, World
from channels.web.pages import page_routes

log = structlog.get_logger()
PAGES = ROOT / "web"
HOUSE: web.AppKey[House] = web.AppKey("house", House)
IDLE = 75.0  # seconds a connection may say nothing, or take over its first line
CLIENT_MAX = 12 * 1024 * 1024  # bytes of one request: an upload and its envelope


def make_world(settings: Settings) -> World:
    """Read everything that is read once. Raises ConfigError or DataError."""
    url = settings.text("database_url")
    if not url:
        raise ConfigError("LIANXIN_DATABASE_URL is not set; `./lianxin up` starts a private database.")
    sealer = Sealer(sealing.kept_secret(settings.data_dir, settings.text("secret_key")))
    sealing.use(sealer)
    if settings.demo_on:
        settings = demo.with_accounts(settings, sealer)
    tree.use(settings.nlu_data)
    catalogue = load_catalogue(settings.nlu_data)
    net = load_net(settings.nlu_data / "safety" / "net.yml")
    words = Words(frozenset(catalogue.services), frozenset(catalogue.acts))
    engine = make_engine(url)
    kept = settings.data_dir / "knowledge" if settings.knowledge_meaning else None
    return World(
        settings=settings,
        engine=engine,
        session=sessions(engine),
        sealer=sealer,
        news=News(url),
        guide=Guide(
            catalogue,
            load_knowledge(settings.nlu_data / "knowledge", catalogue, kept),
            net,
        ),
        policy=Policy(
            threshold=settings.nlu_threshold,
            gap=settings.nlu_gap,
            silence_seconds=settings.silence_seconds,
            optional=0,
        ),
        understander=Understander(settings.nlu_url, settings.nlu_timeout, net, words),
        attachments=Attachments(settings.data_dir / "attachments"),
        grouper=Grouper(sessions(engine), kept, [service.about for service in catalogue.services.values()]),
        channels=registry.channels(settings),
    )


def make_app(world: World) -> web.Application:
    app = web.Application(client_max_size=CLIENT_MAX, middlewares=[guard])
    app[WORLD] = world
    demo_on = world.settings.demo_on
    turns = Turns(world)
    house = app[HOUSE] = House(world, turns)
    for channel in world.channels.values():
        app.add_routes(channel.routes(house))
    app.add_routes(health.routes())
    console.plug(app, world)
    origins = [origin.strip() for origin in world.settings.allowed_origins.split(",") if origin.strip()]
    app.add_routes(page_routes(PAGES / "widget" / "dist", origins))
    app.add_routes(_pages("/console", PAGES / "console" / "dist"))
    if demo_on:
        demo.mount(app, world.settings)
        app.add_routes(_pages("/try", PAGES / "try" / "dist"))
    app.add_routes([_front("/try/" if demo_on else "/chat")])
    app.on_shutdown.append(_close_channels)
    app.cleanup_ctx.append(_life(world, turns, demo_on))
    return app


async def _close_channels(app: web.Application) -> None:
    """Before the server waits for its connections: open sockets would hold it up."""
    for channel in app[WORLD].channels.values():
        await channel.close()


def _life(world: World, turns: Turns, demo_on: bool):  # type: ignore[no-untyped-def]  # aiohttp's own shape
    async def run(_: web.Application) -> AsyncIterator[None]:
        await world.news.start()
        world.knowledge.start()
        if demo_on:
            async with world.session.begin() as session:
                await console.ensure_demo(session)
        follower = Follower(world)
        await follower.start()
        courier, sweeper, keeper = Courier(world), Sweeper(world, turns), Keeper(world)
        tasks = [asyncio.create_task(one.run()) for one in (courier, sweeper, keeper)]
        if world.settings.trains:
            tasks.append(asyncio.create_task(Trainer(world).run()))
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await turns.stop()
        await courier.stop()
        await follower.stop()
        await world.understander.close()
        await asyncio.to_thread(world.knowledge.close)
        await asyncio.to_thread(world.grouper.close)
        await world.news.stop()
        await world.engine.dispose()

    return run


def _front(where: str) -> web.RouteDef:
    async def front(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(where)

    return web.get("/", front)


def _pages(base: str, folder: Path) -> list[web.RouteDef]:
    """A built single-page app: its files, and its index for every other address below `base`."""
    root = folder.resolve()

    async def serve_page(request: web.Request) -> web.StreamResponse:
        found = _file_below(root, request.match_info.get("rest", "")) or root / "index.html"
        if not found.is_file():
            raise web.HTTPNotFound(text="The pages are not built yet.")
        fixed = found.is_relative_to(root / "assets")
        return web.FileResponse(
            found,
            headers={
                "Cache-Control": "public, max-age=31536000, immutable" if fixed else "no-cache",
                "X-Content-Type-Options": "nosniff",
                "X-Frame-Options": "SAMEORIGIN",
                "Referrer-Policy": "same-origin",
            },
        )

    async def slash(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"{base}/")

    return [web.get(base, slash), web.get(f"{base}/{{rest:.*}}", serve_page)]


def _file_below(root: Path, rest: str) -> Path | None:
    """None for what is no file of ours, and for what is no name of a file at all."""
    try:
        wanted = (root / rest).resolve()
        return wanted if wanted.is_relative_to(root) and wanted.is_file() else None
    except (OSError, ValueError):
        return None


async def _studio_opened(app: web.Application) -> AsyncIterator[None]:
    """Read the data into an empty database, so that the first admin need not wait for it."""

    async def read() -> None:
        try:
            async with app[WORLD].session.begin() as session:
                await tree.ready(session)
        except (*AWAY, LianxinError) as error:  # then the first page of the studio does it, or says why not
            log.warning("studio.not_opened", error=type(error).__name__)

    reading = asyncio.create_task(read())
    yield
    await asyncio.gather(reading, return_exceptions=True)


def serve(settings: Settings) -> None:
    """Run the app until it is told to stop."""
    logs.set_up(settings.log_level)
    world = make_world(settings)
    app = make_app(world)
    app.cleanup_ctx.append(_studio_opened)
    try:
        web.run_app(
            app,
            host=settings.host,
            port=settings.port,
            print=None,
            access_log=None,
            shutdown_timeout=5,
            keepalive_timeout=IDLE,
        )
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise SetupError(f"Port {settings.port} on {settings.host} is in use.") from error


async def export(settings: Settings, folder: Path) -> Written:
    """Write the training data as it is into a folder."""
    tree.use(settings.nlu_data)
    async with _sessions(settings) as make, make.begin() as session:
        return await to_folder(session, folder)


async def add_user(settings: Settings, login: str, name: str, role: str, password: str) -> None:
    """Make a log-in."""
    async with _sessions(settings) as make, make.begin() as session:
        await console.add_user(session, login, name, role, password, settings.password_length)


@contextlib.asynccontextmanager
async def _sessions(settings: Settings) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """The database for a command, starting the private one for it if need be."""
    server = None
    url = settings.text("database_url")
    if not url:
        server = await asyncio.to_thread(database.private_server, settings.data_dir)
        url = await asyncio.to_thread(database.server_url, server)
        await asyncio.to_thread(database.migrate, url)
    sealing.use(Sealer(sealing.kept_secret(settings.data_dir, settings.text("secret_key"))))
    engine = make_engine(url)
    try:
        yield sessions(engine)
    finally:
        await engine.dispose()
        if server is not None:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(server.cleanup)
