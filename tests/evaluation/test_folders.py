"""Reading the public layout, and the words when a folder is malformed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.datasets import open_set
from evaluation.errors import EvaluationError
from evaluation.folders import read_folder
from evaluation.judgements import Entry, GoldSpan, Question, Role
from tests.evaluation.builders import Folder


def test_a_folder_is_read(tmp_path: Path) -> None:
    found = read_folder(Folder().write(tmp_path / "little"))
    assert found.questions == (
        Question("q1", "fits?", Role.ANSWERABLE, group="a", gold=(GoldSpan("p1", 0, 9),)),
        Question("q2", "panic?", Role.ANSWERABLE, group="b", gold=(GoldSpan("p3", 0, 10),)),
        Question("n1", "dose?", Role.UNANSWERABLE, group="a"),
    )
    assert found.collections == {
        "a": [Entry("p1", "Uses", "For fits."), Entry("p2", "Effects", "It makes some sleepy.")],
        "b": [Entry("p3", "", "For panic.")],
    }
    assert (found.name, found.parts, found.own, found.unjudged) == ("little", ("all",), False, 0)


def test_groups_and_unanswerable_questions_are_optional(tmp_path: Path) -> None:
    folder = Folder()
    for row in folder.corpus + folder.queries:
        del row["group"]
    (folder.write(tmp_path) / "queries_unanswerable.jsonl").unlink()
    found = read_folder(tmp_path)
    assert [question.role for question in found.questions] == [Role.ANSWERABLE] * 2
    assert list(found.collections) == [""]


def test_grades_are_kept_and_zero_is_not_right(tmp_path: Path) -> None:
    folder = Folder()
    folder.qrels = [folder.qrels[0], "q1\tp1\t2", "q1\tp2\t0"]
    found = read_folder(folder.write(tmp_path))
    assert found.questions[0].gold == (GoldSpan("p1", 0, 9, grade=2),)
    assert found.unjudged == 1


def test_a_character_that_looks_like_a_line_end_is_part_of_the_question(tmp_path: Path) -> None:
    folder = Folder().write(tmp_path)
    text = '{"_id": "q1", "text": "fits\u2028now?", "group": "a"}\n'
    (folder / "queries.jsonl").write_text(text, encoding="utf-8")
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tp1\t1\n", encoding="utf-8")
    assert read_folder(folder).questions[0].text == "fits\u2028now?"


def change(name: str, index: int, **fields: object) -> Callable[[Folder], None]:
    return lambda folder: getattr(folder, name)[index].update(fields)


def add(name: str, row: object) -> Callable[[Folder], None]:
    return lambda folder: getattr(folder, name).append(row)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (add("qrels", "q9\tp1\t1"), "qrels.tsv, line 4: the question q9 is not in queries.jsonl"),
        (add("qrels", "q1\tp9\t1"), "qrels.tsv, line 4: the passage p9 is not in corpus.jsonl"),
        (add("qrels", "q1\tp3\t1"), "qrels.tsv, line 4: q1 and p3 are not of the same group"),
        (add("qrels", "q1\tp1\tyes"), "qrels.tsv, line 4: the score 'yes' is not a whole number"),
        (add("qrels", "q1 p1 1"), "qrels.tsv, line 4: 3 tab-separated cells are needed"),
        (
            lambda folder: folder.qrels.pop(0),
            "qrels.tsv, line 1: the header must be: query-id corpus-id score",
        ),
        (lambda folder: folder.qrels.__delitem__(slice(1, 3)), "no question has a passage that answers it"),
        (change("corpus", 1, _id="p1"), "corpus.jsonl, line 2: the id p1 is used twice"),
        (change("corpus", 0, text="  "), 'corpus.jsonl, line 1: "text" must be text that is not blank'),
        (change("queries", 1, text=3), 'queries.jsonl, line 2: "text" must be text'),
        (change("queries", 1, _id=""), 'queries.jsonl, line 2: "_id" must be text'),
        (add("queries", []), "queries.jsonl, line 3 must be a JSON object"),
        (
            change("unanswerable", 0, _id="q1"),
            "queries_unanswerable.jsonl, line 1: the id q1 is also in queries",
        ),
        (
            change("unanswerable", 0, group="c"),
            "question n1 is of the group 'c', of which corpus.jsonl has no",
        ),
    ],
)
def test_a_malformed_folder_is_rejected(
    tmp_path: Path, spoil: Callable[[Folder], object], words: str
) -> None:
    folder = Folder()
    spoil(folder)
    with pytest.raises(EvaluationError, match=words):
        read_folder(folder.write(tmp_path))


@pytest.mark.parametrize("name", ["queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    (Folder().write(tmp_path / "little") / name).unlink()
    with pytest.raises(EvaluationError, match=f"little: the file {name} is missing"):
        read_folder(tmp_path / "little")


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    (Folder().write(tmp_path) / "queries.jsonl").write_text("{\n", encoding="utf-8")
    with pytest.raises(EvaluationError, match="queries.jsonl, line 1 is not JSON"):
        read_folder(tmp_path)


def test_bytes_that_are_no_text_are_rejected(tmp_path: Path) -> None:
    (Folder().write(tmp_path) / "corpus.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(EvaluationError, match="corpus.jsonl cannot be read as UTF-8 text"):
        read_folder(tmp_path)


@pytest.mark.parametrize("name", ["nonesuch", "empty"])
def test_a_folder_of_neither_layout_is_rejected(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        EvaluationError, match=f"There is no question set .*{name}: give the name of a folder"
    ):
        open_set(str(tmp_path / name), tmp_path)
