"""A real Milvus Lite server on loopback that can be killed, started again, and made to hang."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

from assistant.milvus_settings import MilvusAddress
from assistant.stores.milvus_server import server_at


class LiteServer:
    """Listens on one free port for as long as it lives; its collections are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> MilvusAddress:
        return MilvusAddress(f"http://127.0.0.1:{self._port}")

    def start(self) -> None:
        """Returns when it listens."""
        where = ["--data-dir", str(self._folder), "--host", "127.0.0.1", "--port", str(self._port)]
        command = [sys.executable, "-u", "-m", "milvus_lite", "server", *where]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._process.stdout is not None
        assert b"listening" in self._process.stdout.readline()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
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
