"""The address the chat listens on, taken before it is announced."""

import socket

from assistant.errors import SettingsError
from assistant.messages import WEB


def listen(host: str, port: int) -> socket.socket:
    """A socket that already accepts connections.

    Raises `SettingsError` if the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(WEB["port_taken"].format(host=host, port=port, reason=reason)) from error
    # Connections take it over. Else the second part of a reply waits 40 ms until the first is acknowledged, for asyncio
    # sees to it only on sockets of its own.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address_of(listener: socket.socket) -> str:
    """What to type into a browser."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
