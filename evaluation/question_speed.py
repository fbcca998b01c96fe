"""How long one question takes, cold start left out: `python -m evaluation.question_speed [SET]`.

Every question of SET (our own by default) is asked once of the current index, on one core, after a few to warm
up. To reach: 60 ms. Other work on the machine counts, so run it on a quiet one.
"""

import sys
from time import perf_counter

import numpy as np

from assistant.answering import Assistant
from assistant.settings import read_settings
from evaluation.datasets import DEFAULT_SET, open_set

_WARM_UP = 5


def main(name: str = DEFAULT_SET) -> None:
    """Prints median, 95th percentile and longest in milliseconds."""
    assistant = Assistant.open()
    texts = [question.text for question in open_set(name, read_settings().corpus_dir).questions]
    for text in texts[:_WARM_UP]:
        assistant.ask(text)
    median, most, longest = np.quantile([_milliseconds(assistant, text) for text in texts], (0.5, 0.95, 1))
    sys.stdout.write(
        f"{len(texts)} questions: median {median:.0f} ms, 95% {most:.0f} ms, longest {longest:.0f} ms\n"
    )


def _milliseconds(assistant: Assistant, text: str) -> float:
    began = perf_counter()
    assistant.ask(text)
    return (perf_counter() - began) * 1000


if __name__ == "__main__":
    main(*sys.argv[1:])
