"""The assistant as one measured process: `python -m evaluation.speed.product index|questions|web`.

Reads its folders from the settings, and prints what it measured as one line of JSON.
"""

import json
import sys
from time import perf_counter

from evaluation.speed.memory import folder_megabytes, peak_megabytes

_WARM_UP = 10


def index() -> dict[str, object]:
    """Builds the index of the settings' corpus: reading, splitting, labelling, encoding and publishing."""
    from assistant.building import build_index
    from assistant.corpus import read_corpus
    from assistant.encoder import open_encoder
    from assistant.evidence.context import PassageContext
    from assistant.index import PassageIndex
    from assistant.settings import read_settings

    settings = read_settings()
    encoder = open_encoder(settings.encoder)
    encoder.encode_passages(["to load it"])
    began = perf_counter()
    report = build_index(read_corpus(settings.corpus_dir), encoder, settings.index_dir)
    seconds = perf_counter() - began
    opened = PassageIndex.open(settings.index_dir)
    contexts = {name: PassageContext(encoder, record.title) for name, record in opened.documents.items()}
    texts = [contexts[each.doc_id].text(each.heading, each.text) for each in opened.passages]
    began = perf_counter()
    encoder.encode_passages(texts)
    encoding = perf_counter() - began
    return {
        "passages": len(texts),
        "encoded_texts": report.account.encoded if report.account else 0,
        "build_seconds": seconds,
        "passages_only_seconds": encoding,
        "peak_megabytes": peak_megabytes(),
        "index_megabytes": folder_megabytes(settings.index_dir / report.build_id),
    }


def questions() -> dict[str, object]:
    """Asks every question on stdin, a line each, once for its time and once more for its stages."""
    from assistant.answering import Assistant
    from assistant.contract import answer_as_json
    from assistant.encoder import open_encoder
    from assistant.index import PassageIndex
    from assistant.settings import read_settings
    from evaluation.speed.stages import STAGES, seconds_of, stages_timed

    settings = read_settings()
    encoder, opened = open_encoder(settings.encoder), PassageIndex.open(settings.index_dir)
    assistant = Assistant(opened, encoder, reader=settings.reader)
    asked = sys.stdin.read().splitlines()
    for question in asked[:_WARM_UP]:
        answer_as_json(assistant.ask(question))
    times = [seconds_of(lambda q=question: answer_as_json(assistant.ask(q))) for question in asked]  # type: ignore[misc]
    peak = peak_megabytes()
    rows = []
    for question in asked:
        with stages_timed(encoder, opened.store) as spent:
            began = perf_counter()
            answer = assistant.ask(question)
            whole = perf_counter() - began
        row = {stage: spent[stage] for stage in STAGES}
        row["render"] = seconds_of(lambda a=answer: answer_as_json(a))  # type: ignore[misc]
        rows.append({**row, "other": whole - sum(spent.values())})
    return {"seconds": times, "stages": rows, "peak_megabytes": peak}


def web() -> dict[str, object]:
    """Opens the web application and asks it nothing but what the engine answers: its memory."""
    from assistant.serving import open_live
    from assistant.settings import read_settings
    from assistant.web.server import create_app

    live = open_live(read_settings(), None, lambda _: None)
    create_app(live, live.health)
    for question in sys.stdin.read().splitlines():
        live.ask(question)
    return {"peak_megabytes": peak_megabytes()}


def main(what: str) -> None:
    """Prints one line of JSON."""
    sys.stdout.write(json.dumps({"index": index, "questions": questions, "web": web}[what]()) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
