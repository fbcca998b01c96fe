"""The connection to a Milvus server: every call ends within seconds, with what was asked for or with our error."""

import logging
import os
import threading
import time
from functools import cache
from typing import Any

from assistant.errors import SearchUnavailableError, SettingsError
from assistant.milvus_settings import MilvusAddress

SECONDS = 2.0
"""In which a call must be answered, and for which a lost connection is tried again."""
_FIRST_PAUSE = 0.05
_REST = 1.0

_CHANNEL = {
    # No proxy of the environment may come between us and the server that was named.
    "grpc.enable_http_proxy": 0,
    # By itself gRPC waits up to two minutes before it tries a server again that was gone.
    "grpc.initial_reconnect_backoff_ms": 50,
    "grpc.min_reconnect_backoff_ms": 500,
    "grpc.max_reconnect_backoff_ms": 500,
}


class RefusedError(SearchUnavailableError):
    """The server answered, but not with what was asked for."""


class _LostError(Exception):
    """There is no connection at the moment."""


@cache
def server_at(address: MilvusAddress) -> "MilvusServer":
    """The one connection of this process to that server. Opens nothing yet."""
    return MilvusServer(address)


class MilvusServer:
    """Any thread may call. After a failure nobody waits for the server again within a second."""

    def __init__(self, address: MilvusAddress) -> None:
        self.address = address
        self._client: Any = None
        self._connecting = threading.Lock()
        self._rests_until = 0.0
        self._failure = ""

    def call(self, method: str, *arguments: Any, seconds: float = SECONDS, **options: Any) -> Any:
        """What that method of pymilvus' client returns.

        Raises `SearchUnavailableError` when the server cannot be reached, or does not answer in so many `seconds`;
        that is `RefusedError` when it answered with an error.
        """
        if time.monotonic() < self._rests_until:
            raise SearchUnavailableError(self._failure)
        began, pause = time.monotonic(), _FIRST_PAUSE
        while True:
            try:
                return self._call(method, *arguments, timeout=seconds, **options)
            except _LostError as lost:
                if time.monotonic() - began + pause > SECONDS:
                    raise self._unavailable("cannot be reached") from lost
            time.sleep(pause)
            pause *= 2

    @staticmethod
    def libraries() -> tuple[Any, Any]:
        """gRPC and pymilvus, imported when first needed; raises `SettingsError`."""
        # pymilvus would read variables from files named .env that lie above it.
        os.environ.setdefault("PYTHON_DOTENV_DISABLED", "1")
        try:
            import grpc
            import pymilvus
        except ModuleNotFoundError as error:
            raise SettingsError(
                "ASSISTANT_STORE=milvus needs pymilvus. Run: pip install -r requirements-milvus.txt"
            ) from error
        # It would print a traceback for every call that fails; what failed is in our error.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        return grpc, pymilvus

    def close(self) -> None:
        """Ends the connection; the next call opens another."""
        with self._connecting:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _call(self, method: str, *arguments: Any, **options: Any) -> Any:
        grpc, pymilvus = self.libraries()
        try:
            return getattr(self._connected(pymilvus), method)(*arguments, **options)
        except (grpc.RpcError, pymilvus.MilvusException) as error:
            # While connecting, pymilvus wraps what gRPC says.
            cause = error.__cause__ if isinstance(error.__cause__, grpc.RpcError) else error
            if isinstance(cause, grpc.RpcError):
                code, words = cause.code(), cause.details()
            else:
                code, words = error.code, error.message
            lost = pymilvus.client.types.Status.CONNECT_FAILED, grpc.StatusCode.UNAVAILABLE
            late = grpc.StatusCode.DEADLINE_EXCEEDED
            raise self._ours(code in lost, code == late, words, options["timeout"]) from error

    def _connected(self, pymilvus: Any) -> Any:
        with self._connecting:
            if self._client is None:
                address = self.address
                self._client = pymilvus.MilvusClient(
                    address.uri,
                    token=address.token.get_secret_value() if address.token else "",
                    timeout=SECONDS,
                    # Not shared with whoever else uses pymilvus in this process, and closed by us alone.
                    dedicated=True,
                    server_pem_path=str(address.ca_file or ""),
                    server_name=address.server_name,
                    grpc_options=_CHANNEL,
                )
            return self._client

    def _ours(self, lost: bool, late: bool, words: str, seconds: float) -> Exception:
        if lost:
            return _LostError()
        return (
            self._unavailable(f"did not answer within {seconds:g} seconds") if late else self._refused(words)
        )

    def _unavailable(self, what: str) -> SearchUnavailableError:
        self._failure = (
            f"Search is unavailable: Milvus at {self.address.uri} {what}. See that it runs, then try again."
        )
        self._rests_until = time.monotonic() + _REST
        return SearchUnavailableError(self._failure)

    def _refused(self, words: str) -> RefusedError:
        return RefusedError(
            f"Search is unavailable: Milvus at {self.address.uri} says: {words}. Correct that, then try again."
        )
