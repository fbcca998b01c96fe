"""The engine, with the bundled encoder for truth and word counts for arithmetic."""

import json
import subprocess
import sys

import pytest

from assistant import Answer, AnswerKind, Assistant
from assistant.contract import answer_as_dict
from assistant.errors import IndexDamagedError, IndexMissingError, IndexStaleError, QuestionError
from assistant.messages import DISCLAIMER, NOTICES
from assistant.settings import ROOT, read_settings
from tests.conftest import ARTICLE, write_corpus

ARTICLE_TEXT = (ROOT / "corpus/articles/clonazepam-2mg.txt").read_text(encoding="utf-8")


def notices(answer):
    return {notice.id: notice.text for notice in answer.notices}


def test_the_main_job(real_assistant):
    answer = real_assistant.ask("  What is clonazepam used for? ")
    assert answer.question == "What is clonazepam used for?"
    assert answer.kind is AnswerKind.FOUND
    assert 1 <= len(answer.hits) <= 3
    first = answer.hits[0]
    assert first.passage.text.startswith("Clonazepam, a widely known medication")
    start, end = first.highlight
    assert ARTICLE_TEXT[start:end].startswith("Clonazepam, a widely known medication")
    assert answer.disclaimer == DISCLAIMER


def test_every_example_on_the_page_is_answered(real_assistant):
    assert len(real_assistant.examples) >= 3
    for question in real_assistant.examples:
        assert real_assistant.ask(question).kind is AnswerKind.FOUND, question


@pytest.mark.parametrize(
    "question",
    ["uses", "side effects", "?", "🙂", "a\nb", "ĂŁ", "x" * 1000, "SELECT * FROM passages", "‮abc"],
)
def test_whatever_is_asked_every_passage_is_an_exact_slice(real_assistant, question):
    for hit in real_assistant.ask(question).hits:
        passage = hit.passage
        assert ARTICLE_TEXT[passage.start : passage.end] == passage.text
        assert "Tramadol: Side Effects" not in passage.text


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("what is the starting dose of xanax?", "alprazolam (Xanax)"),
        ("side effects of tramadol", "tramadol"),
        ("clonidine uses", "clonidine"),
    ],
)
def test_another_medicine_is_not_covered(real_assistant, question, named):
    answer = real_assistant.ask(question)
    assert answer.kind is AnswerKind.NOT_COVERED
    assert answer.hits == ()
    assert notices(answer) == {
        "not_covered": f"These articles are about clonazepam. They do not cover {named}."
    }


def test_a_mixed_question_says_which_part_is_not_covered(real_assistant):
    answer = real_assistant.ask("Do Klonopin and Xanax cause drowsiness?")
    assert answer.kind is not AnswerKind.NOT_COVERED
    assert "They do not cover alprazolam (Xanax)" in notices(answer)["partly_covered"]
    assert answer.hits


def test_brand_name_and_misspelling_mean_the_medicine(real_assistant):
    for question in ["What is Klonopin used for?", "what is clonazapam used for"]:
        assert real_assistant.ask(question).about == ("clonazepam",)


def test_nothing_to_do_with_the_articles_is_not_found(real_assistant):
    answer = real_assistant.ask("Who won the football match in Lisbon last night?")
    assert answer.kind is AnswerKind.NOT_FOUND
    assert answer.hits == ()
    assert "not_found" in notices(answer)


def test_a_follow_up_keeps_its_subject_and_says_so(real_assistant):
    first = real_assistant.ask("What is clonazepam used for?")
    second = real_assistant.ask("and what are the side effects?", first.about)
    assert second.about == ("clonazepam",)
    assert notices(second)["about"].startswith("About: clonazepam")
    assert "drowsiness" in second.hits[0].passage.text


def test_a_follow_up_about_an_uncovered_medicine_stays_uncovered(real_assistant):
    first = real_assistant.ask("What is Xanax used for?")
    second = real_assistant.ask("and what are the side effects?", first.about)
    assert second.kind is AnswerKind.NOT_COVERED
    assert second.hits == ()


def test_a_new_subject_replaces_the_kept_one(real_assistant):
    answer = real_assistant.ask("what is clonazepam used for?", ("alprazolam",))
    assert answer.about == ("clonazepam",)
    assert "about" not in notices(answer)


def test_ask_many_answers_each_as_if_alone(real_assistant):
    questions = ["side effects", "what is the starting dose?", "side effects"]
    assert real_assistant.ask_many(questions) == [real_assistant.ask(question) for question in questions]


@pytest.mark.parametrize("question", ["", "   ", "x" * 1001, "\ud800", None, 7])
def test_what_is_no_question_is_refused(real_assistant, question):
    with pytest.raises(QuestionError):
        real_assistant.ask(question)


def test_the_explanation_names_what_was_understood(real_assistant):
    signals = real_assistant.ask("do siezures get better with klonipin").signals
    assert {"wrong": "siezures", "right": "seizures"} in signals["understood"]["spelling"]
    assert signals["understood"]["covered"] == ["clonazepam"]
    kinds = {"score", "dense", "sentence", "lexical", "topic", "curated", "reads"}
    assert signals["passages"][0].keys() == {"passage", "topics", *kinds}
    assert len(signals["topics"]) == 3
    json.dumps(signals)


def test_equal_answers_from_two_processes():
    code = (
        "import sys, json\n"
        "from assistant.index import PassageIndex\n"
        "from assistant.answering import Assistant\n"
        "from assistant.contract import answer_as_json\n"
        "from tests.fakes import WordEncoder\n"
        "from tests.conftest import WORDS\n"
        "from pathlib import Path\n"
        "index = PassageIndex.open(Path(sys.argv[1]))\n"
        "print(answer_as_json(Assistant(index, WordEncoder(WORDS)).ask('panic and sleepy')))\n"
    )

    def once(index_dir):
        done = subprocess.run(
            [sys.executable, "-c", code, str(index_dir)], cwd=ROOT, capture_output=True, check=True
        )
        return done.stdout

    import tempfile
    from pathlib import Path

    from assistant.building import build_index
    from assistant.corpus import read_corpus
    from tests.conftest import WORDS
    from tests.fakes import WordEncoder

    with tempfile.TemporaryDirectory() as folder:
        corpus = read_corpus(write_corpus(Path(folder) / "corpus", {"little": ARTICLE}))
        build_index(corpus, WordEncoder(WORDS), Path(folder) / "index")
        assert once(Path(folder) / "index") == once(Path(folder) / "index") != b""


def test_scores_by_hand(little_assistant):
    """Two articles' paragraphs, one known word each: cosines are square roots of simple fractions."""
    first, second = little_assistant.evidence("fits").ranked
    # "Little article. Uses. It is given for fits. It is given for panic too. …": one of two known words.
    assert first.passage.heading == "Uses"
    assert first.dense == pytest.approx(2**-0.5)
    assert first.sentence == 1.0
    assert second.dense == second.sentence == 0.0
    assert first.curated is None


def test_no_index(tmp_path):
    settings = read_settings(index_dir=tmp_path / "none")
    with pytest.raises(IndexMissingError, match="python -m assistant build"):
        Assistant.open(settings=settings)


def test_damaged_index(tmp_path, index_dir):
    [vectors] = index_dir.glob("*/vectors.npy")
    raw = bytearray(vectors.read_bytes())
    raw[-1] ^= 1
    vectors.write_bytes(raw)
    with pytest.raises(IndexDamagedError, match=r"vectors\.npy was altered.*python -m assistant build"):
        Assistant.open(index_dir)


def test_index_of_another_encoder(index_dir):
    with pytest.raises(IndexStaleError, match="built with the encoder words"):
        Assistant.open(index_dir)


def test_answers_are_plain_values(real_assistant):
    answer = real_assistant.ask("side effects")
    assert isinstance(answer, Answer)
    assert json.loads(json.dumps(answer_as_dict(answer))) == answer_as_dict(answer)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("How should clonazepam be stored at home?", "how to store it"),
        ("does klonopin make you put on weight", "effects on weight and appetite"),
    ],
)
def test_a_topic_the_articles_are_silent_on_is_named(real_assistant, question, topic):
    answer = real_assistant.ask(question)
    assert answer.kind in (AnswerKind.RELATED, AnswerKind.NOT_FOUND)
    texts = {notice.id: notice.text for notice in answer.notices}
    assert texts["silent"] == NOTICES["silent"].format(topics=topic)


@pytest.mark.parametrize("question", ["What is the capital of France?", "What is clonazepam used for?"])
def test_nothing_is_called_silent_for_what_is_answered_or_no_topic(real_assistant, question):
    assert "silent" not in {notice.id for notice in real_assistant.ask(question).notices}
