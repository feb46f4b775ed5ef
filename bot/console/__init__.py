"""The pages of seats and admins as JSON and WebSocket: log-in, routes, OpenAPI.

It knows the whole house and nobody in the house knows it but `bot.app`, which calls `plug`.
"""

from __future__ import annotations

from bot.console.users import add_user, ensure_demo
from bot.console.wiring import plug, routes

__all__ = ["add_user", "ensure_demo", "plug", "routes"]
