"""The curated questions of an article whose text changes."""

from pathlib import Path

import tomlkit

from assistant.corpus_files import QUESTIONS, read_text
from assistant.ingest.refusals import refused
from assistant.storage.files import changing, write_atomically


def settle_questions(corpus_dir: Path, doc_id: str, text: str, drop: bool) -> list[str]:
    """Takes out, if `drop`, the questions whose quote is not in `text`; says which.

    Those that stay hold for the old text as well as for the new one, so that this may come before the
    change. Raises `DocumentRefusedError` if there are such questions and they may not be dropped.
    """
    path = corpus_dir / QUESTIONS / f"{doc_id}.toml"
    if not path.exists():
        return []
    document = tomlkit.parse(read_text(path)[0])
    questions = document.get("question", [])
    lost = [place for place, each in enumerate(questions) if str(each["quote"]) not in text]
    asked = [str(questions[place]["q"]) for place in lost]
    if lost and not drop:
        raise refused(
            "questions",
            f"{len(lost)} in {path.name}: {'; '.join(asked)}. Say --drop-lost-questions, or take them out",
        )
    for place in reversed(lost):
        del questions[place]
    if lost and not questions:
        del document["question"]
    if lost:
        with changing(corpus_dir):
            write_atomically(path, tomlkit.dumps(document).encode())
    return [f"question dropped, its quote is not in the new text: {question}" for question in asked]
