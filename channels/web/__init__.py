"""The web chat: the only channel whose other end is ours too, so it may promise more.

The protocol is in docs/web-chat.md.
"""

from channels.web.channel import WebChat
from channels.web.chat import WebOptions
from channels.web.pages import page_routes

__all__ = ["WebChat", "WebOptions", "page_routes"]
