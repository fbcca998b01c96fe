"""A real Milvus Lite server on loopback that can be killed, started again, and made to hang."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from assistant.milvus_settings import MilvusAddress
from assistant.stores.milvus_server import server_at

SECONDS_TO_START = 60


class LiteServer:
    """Listens on one free port for as long as it lives; its collections are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._said = folder, folder.with_name(f"{folder.name}.log")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> MilvusAddress:
        return MilvusAddress(f"http://127.0.0.1:{self._port}")

    def start(self) -> None:
        """Returns when it listens; a server that runs is left alone, one that hangs goes on."""
        if self._process is not None:
            self.go_on()
            return
        where = ["--data-dir", str(self._folder), "--host", "127.0.0.1", "--port", str(self._port)]
        command = [sys.executable, "-u", "-m", "milvus_lite", "server", *where]
        # Not a pipe: nobody would read on, and the server would stop once it is full.
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(command, stdout=said, stderr=subprocess.DEVNULL)
        began = time.monotonic()
        while b"listening" not in self._said.read_bytes():
            assert self._process.poll() is None
            assert time.monotonic() - began < SECONDS_TO_START
            time.sleep(0.05)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def hang(self) -> None:
        """It answers nothing more, and the kernel goes on taking connections for it."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        server_at(self.address).close()
        self.kill()

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)


class Client:
    """What any other program can do with the collections whose names begin as ours."""

    def __init__(self, address: MilvusAddress) -> None:
        self._server = server_at(address)
        self._prefix = f"{address.prefix}_"

    def do(self, method: str, name: str, *arguments: Any, **options: Any) -> Any:
        """Calls the method of pymilvus' client for the collection of that build id."""
        return self._server.call(method, self._prefix + name, *arguments, **options)

    def collections(self) -> set[str]:
        """The build ids of those there are."""
        names = self._server.call("list_collections")
        return {name.removeprefix(self._prefix) for name in names if name.startswith(self._prefix)}

    def current(self) -> str:
        """The build id that the alias names."""
        found = self._server.call("describe_alias", self._prefix + "current")["collection_name"]
        return str(found).removeprefix(self._prefix)
