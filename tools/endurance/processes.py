"""Processes of their own for what is killed, limited or run as another user.

They are forked from a small server that has no threads, never from a process that has: such a child may inherit a
lock that was held by a thread it does not have, and wait for it forever.
"""

import signal
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess

_CONTEXT: ForkServerContext = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tools.endurance.editions"])


def start(act: Callable[..., object], *arguments: object) -> ForkServerProcess:
    """`act(*arguments)` in a process of its own; all of them are pickled."""
    process = _CONTEXT.Process(target=act, args=arguments)
    process.start()
    return process


def start_talking(act: Callable[..., object], *arguments: object) -> tuple[ForkServerProcess, Connection]:
    """Like `start`, with a line to it: `act` gets the other end as its last argument.

    `recv` raises `EOFError` if the process died without a word.
    """
    ours, theirs = _CONTEXT.Pipe()
    process = start(act, *arguments, theirs)
    theirs.close()
    return process, ours


def kill(process: ForkServerProcess) -> bool:
    """Kills it with SIGKILL; whether that, and not its own end, ended it."""
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL
