"""Work that gives way to answering."""

import os
import sys
import threading

LOWEST = 19
"""Niceness: such a thread gets about a seventieth of the time that one of 0 gets beside it."""


def give_way() -> None:
    """Lowers the priority of this thread, and of those that it starts from now on, for good.

    Only Linux has priorities of threads; elsewhere nothing happens. They count within a session of processes
    (sched(7), "The autogroup feature"), so also within this process.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST)
