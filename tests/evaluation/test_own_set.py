"""Reading our own layout: quotes become spans, questions fall into halves."""

from pathlib import Path

import pytest

from assistant.corpus import Corpus, read_corpus
from assistant.settings import ROOT
from evaluation.datasets import DEFAULT_SET, open_set
from evaluation.errors import EvaluationError
from evaluation.judgements import Role
from evaluation.own_set import read_own_set
from evaluation.splits import half
from tests.conftest import ARTICLE
from tests.evaluation.builders import write_rows

ANSWERABLE = {"id": "a1", "q": "fits?", "style": "lay", "gold": ["It is given for fits."]}


def test_a_quote_becomes_its_span(tmp_path: Path, little_corpus: Corpus) -> None:
    write_rows(tmp_path / "answerable.jsonl", [ANSWERABLE])
    [question] = read_own_set(tmp_path, little_corpus).questions
    [gold] = question.gold
    assert (gold.doc_id, ARTICLE[gold.start : gold.end]) == ("little", "It is given for fits.")
    assert question.part == half("a1fits?")
    assert question.about == {"style": "lay"}


def test_a_quote_that_stands_twice_is_right_at_both_places(tmp_path: Path, little_corpus: Corpus) -> None:
    write_rows(tmp_path / "answerable.jsonl", [{**ANSWERABLE, "gold": ["for "]}])
    [question] = read_own_set(tmp_path, little_corpus).questions
    places = [gold.start for gold in question.gold]
    assert len(places) == ARTICLE.count("for ") > 1
    assert all(ARTICLE.startswith("for ", place) for place in places)


@pytest.mark.parametrize("part", ["tune", "test"])
def test_a_stated_part_overrules_the_hash(tmp_path: Path, little_corpus: Corpus, part: str) -> None:
    write_rows(tmp_path / "answerable.jsonl", [{**ANSWERABLE, "part": part}])
    [question] = read_own_set(tmp_path, little_corpus).questions
    assert question.part == part
    assert question.about == {"style": "lay"}


def test_every_role_is_read(tmp_path: Path, little_corpus: Corpus) -> None:
    gold = ["It is given for panic too."]
    write_rows(tmp_path / "answerable.jsonl", [ANSWERABLE])
    write_rows(
        tmp_path / "unanswerable.jsonl", [{"id": "u1", "q": "beer?", "near": "Uses", "missing": "beer"}]
    )
    write_rows(
        tmp_path / "other_subject.jsonl", [{"id": "o1", "q": "xanax?", "subject": "x", "type": "drug"}]
    )
    write_rows(tmp_path / "false_premise.jsonl", [{"id": "p1", "q": "why?", "premise": "x", "gold": gold}])
    write_rows(tmp_path / "followup.jsonl", [{"id": "f1", "q": "and?", "history": ["uses?"], "gold": gold}])
    found = read_own_set(tmp_path, little_corpus)
    assert [(each.role, len(each.gold)) for each in found.questions] == [
        (Role.ANSWERABLE, 1),
        (Role.UNANSWERABLE, 0),
        (Role.OTHER_SUBJECT, 0),
        (Role.FALSE_PREMISE, 1),
        (Role.FOLLOWUP, 1),
    ]
    assert found.questions[-1].history == ("uses?",)
    assert (found.parts, found.own) == (("test", "tune"), True)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "answerable.jsonl has no question"),
        (
            [{**ANSWERABLE, "gold": ["It is given for fit."]}],
            'no article says, word for word: "It is given for fit."',
        ),
        (
            [{**ANSWERABLE, "gold": []}],
            'answerable.jsonl, line 1: "gold" must be a list of at least one text',
        ),
        ([{**ANSWERABLE, "gold": "It"}], '"gold" must be a list'),
        ([ANSWERABLE, ANSWERABLE], "answerable.jsonl, line 2: the id a1 is used twice"),
        ([{"id": "a1"}], '"q" must be text that is not blank'),
        ([{**ANSWERABLE, "part": "both"}], "line 1: the part must be tune or test, not 'both'"),
    ],
)
def test_a_malformed_set_is_rejected(
    tmp_path: Path, little_corpus: Corpus, rows: list[dict[str, object]], words: str
) -> None:
    write_rows(tmp_path / "answerable.jsonl", rows)
    with pytest.raises(EvaluationError, match=words):
        read_own_set(tmp_path, little_corpus)


def test_an_id_used_in_two_files_is_rejected(tmp_path: Path, little_corpus: Corpus) -> None:
    write_rows(tmp_path / "answerable.jsonl", [ANSWERABLE])
    write_rows(tmp_path / "unanswerable.jsonl", [{"id": "a1", "q": "beer?"}])
    with pytest.raises(EvaluationError, match="used for more than one question: a1"):
        read_own_set(tmp_path, little_corpus)


def test_our_own_set_is_sound() -> None:
    found = open_set(DEFAULT_SET, ROOT / "corpus")
    [corpus] = found.collections.values()
    assert corpus == read_corpus(ROOT / "corpus")
    counts = {role: sum(each.role is role for each in found.questions) for role in Role}
    assert counts[Role.ANSWERABLE] >= 150
    assert counts[Role.UNANSWERABLE] >= 120
    assert counts[Role.OTHER_SUBJECT] >= 60
    assert counts[Role.FALSE_PREMISE] >= 20
    assert counts[Role.FOLLOWUP] >= 20
