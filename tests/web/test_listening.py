"""Taking an address to listen on."""

import socket

import pytest

from assistant.errors import SettingsError
from assistant.web.listening import address_of, listen


def test_the_address_is_open_before_it_is_announced() -> None:
    with listen("127.0.0.1", 0) as listener:
        host, port = listener.getsockname()
        assert address_of(listener) == f"http://127.0.0.1:{port}/"
        socket.create_connection((host, port)).close()


def test_a_taken_port_is_said_in_one_line_with_what_to_do() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"127\.0\.0\.1 port {port}: .*Set ASSISTANT_PORT"):
            listen("127.0.0.1", port)


def test_a_host_that_is_not_ours_is_said_in_one_line() -> None:
    with pytest.raises(SettingsError, match="192.0.2.1"):
        listen("192.0.2.1", 0)


def test_no_part_of_a_reply_waits_for_the_one_before() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
