"""The web chat as a channel. Its words already lie in the conversation when `send` is called: pages read them
there, in order and as often as they reconnect, so there is nothing to hand over and nothing to lose."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from channels.base import Intake, Limits, Media, Outbound, Refused, Sent
from channels.web.chat import WEB, Chat, Seen, WebOptions, reference
from channels.web.files import Files
from channels.web.origins import Origins
from channels.web.poll import Polling
from channels.web.socket import Sockets


class WebChat:
    """Routes under /channels/web; see docs/web-chat.md for what travels on them."""

    name = WEB
    limits = Limits()

    def __init__(self, options: WebOptions) -> None:
        self._options = options
        self._origins = Origins(options.public_url, options.allowed_origins)
        self._seen = Seen()
        self._sockets: list[Sockets] = []

    def routes(self, intake: Intake) -> Sequence[web.AbstractRouteDef]:
        chat = Chat(intake, self._options, self._seen)
        sockets, polling = Sockets(chat, self._origins), Polling(chat, self._origins)
        files = Files(chat, self._origins)
        self._sockets.append(sockets)
        return [
            web.get("/channels/web/socket", sockets.handle),
            web.get("/channels/web/poll", polling.get),
            web.post("/channels/web/poll", polling.post),
            web.post("/channels/web/upload", files.upload),
            web.get("/channels/web/files/{id}", files.download),
            *(
                web.options(f"/channels/web/{path}", files.options)
                for path in ("poll", "upload", "files/{id}")
            ),
        ]

    async def send(self, message: Outbound) -> Sent:
        """Delivered is what the page acknowledges, later, by `Intake.report` with the same reference."""
        delivered = self._seen.has(message.to, message.seq)
        return Sent(reference(message.to, message.seq), delivered)

    async def fetch(self, media: Media) -> bytes:
        raise Refused("files of the web chat are kept when they are uploaded", "no_fetch")

    async def close(self) -> None:
        """To be called when the shutdown begins: open sockets would hold it up."""
        for sockets in self._sockets:
            await sockets.close()
