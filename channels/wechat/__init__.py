"""WeChat official account."""

from channels.wechat.channel import WeChat, WeChatConfig

__all__ = ["WeChat", "WeChatConfig"]
