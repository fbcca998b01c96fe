"""A fake assistant that answers `wait` only once it is let: the tests say when, by making a file."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from assistant.types import Answer
from tests.browser.fake_assistant import FakeAssistant

LET = "ASSISTANT_TESTS_LET"


class WaitingAssistant(FakeAssistant):
    """The fake one, but for `wait`."""

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        """The reply its words ask for."""
        while question == "wait" and not Path(os.environ[LET]).exists():
            time.sleep(0.05)
        return super().ask(question, about)
