"""Serves an assistant and writes down every outgoing connection: `MODULE:CALLABLE PORT LOG`."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

LOOPBACK = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "", None}
LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname"}
SENDINGS = {"socket.connect", "socket.sendto", "socket.sendmsg"}


def watch(log: TextIO) -> Callable[[str, tuple[object, ...]], None]:
    """An audit hook that names each host beyond this machine that is looked up or connected to."""

    def hook(event: str, args: tuple[object, ...]) -> None:
        if event in LOOKUPS:
            host = args[0]
        elif event in SENDINGS and isinstance(args[1], tuple):
            host = args[1][0]
        else:
            return
        if host not in LOOPBACK and not log.closed:
            print(event, host, file=log, flush=True)

    return hook


def main(factory: str, port: str, log: str) -> None:
    """Watch from before the first import of ours."""
    with Path(log).open("w", encoding="utf-8") as connections:
        sys.addaudithook(watch(connections))
        from assistant.serving import LiveAssistant
        from assistant.settings import read_settings
        from assistant.web.server import serve

        module, name = factory.split(":")
        assistant = getattr(importlib.import_module(module), name)()
        of_the_index = (assistant.health, assistant) if isinstance(assistant, LiveAssistant) else ()
        serve(assistant, read_settings(port=int(port)), *of_the_index)


if __name__ == "__main__":
    main(*sys.argv[1:])
