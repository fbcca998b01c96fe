"""Of training material only what teaches neither encoder nor reader is measured."""

import json
from pathlib import Path

from assistant.topics.recogniser import MEDICINE
from evaluation.datasets import open_set
from evaluation.judgements import Role
from evaluation.splits import PAGES_APART, WRITTEN_SHARE_APART, kept_apart
from evaluation.written import read_written
from training.held_out import main as write_held_out
from training.reading_examples import articles_apart


def write_rows(path: Path, *rows: object) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def test_of_hand_written_pages_those_kept_apart_are_opened(tmp_path: Path) -> None:
    names = [f"page-{number:02}" for number in range(30)]
    rows = [{"_id": f"{n}#0", "group": n, "title": "T", "heading": "", "text": "Some words."} for n in names]
    write_rows(tmp_path / "pages.jsonl", *rows)
    write_rows(tmp_path / "articles.jsonl")
    write_rows(
        tmp_path / "questions.jsonl",
        *({"page": n, "q": f"{n}?", "kind": "answerable", "gold": [f"{n}#0"]} for n in names),
        *({"page": n, "q": f"not {n}?", "kind": "unanswerable", "gold": []} for n in names),
    )
    opened = open_set(str(tmp_path), tmp_path)
    assert set(opened.collections) == kept_apart(names, PAGES_APART)
    assert {question.group for question in opened.questions} == set(opened.collections)
    assert len(opened.questions) == 2 * PAGES_APART


def test_a_written_article_is_one_collection_and_its_near_misses_have_no_answer(tmp_path: Path) -> None:
    articles = [
        {
            "id": f"a{number}",
            "title": f"Title {number}",
            "passages": [
                {
                    "heading": "Use",
                    "text": "Take it at night.",
                    "questions": [
                        {"q": "when?", "kind": "answerable", "span": "at night"},
                        {"q": "how much?", "kind": "unanswerable", "why": "no amount"},
                    ],
                }
            ],
        }
        for number in range(10)
    ]
    write_rows(tmp_path / "medicines-01.jsonl", *articles)
    opened = read_written(tmp_path)
    [(name, [entry])] = opened.collections.items()
    assert name in kept_apart((article["id"] for article in articles), round(10 * WRITTEN_SHARE_APART))
    assert (entry.doc_id, entry.text, entry.domain) == (f"{name}#0", "Take it at night.", MEDICINE)
    assert entry.title == f"Title {name[1:]}. Use"
    when, how_much = opened.questions
    assert (when.role, when.gold[0].doc_id) == (Role.ANSWERABLE, f"{name}#0")
    assert (how_much.role, how_much.gold) == (Role.UNANSWERABLE, ())


def test_what_of_a_public_set_is_kept_apart_is_a_set_of_its_own(tmp_path: Path) -> None:
    groups = [f"g{number}" for number in range(10)]
    whole, out = tmp_path / "whole", tmp_path / "out"
    whole.mkdir()
    write_rows(
        whole / "corpus.jsonl",
        *({"_id": f"{g}::0", "title": "", "text": "Words.", "group": g} for g in groups),
    )
    write_rows(whole / "queries.jsonl", *({"_id": f"q{g}", "text": f"{g}?", "group": g} for g in groups))
    lines = ["query-id\tcorpus-id\tscore", *(f"q{g}\t{g}::0\t1" for g in groups)]
    (whole / "qrels.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_held_out.callback(whole, out)  # type: ignore[misc]
    opened = open_set(str(out), tmp_path)
    assert set(opened.collections) == articles_apart(groups)
    assert len(opened.questions) == len(articles_apart(groups)) == 3
