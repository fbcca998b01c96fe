import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from assistant.building import build_id_of, build_index
from assistant.corpus import read_corpus
from assistant.errors import IndexStaleError, ReaderError
from assistant.evidence.judging import judge, model_for, signals_of
from assistant.evidence.ranked import Ranked
from assistant.evidence.ranking import Blend, Ranker
from assistant.evidence.reading import (
    MOST_READ,
    PassageReading,
    is_any_read,
    sentence_of,
    states,
)
from assistant.index import PassageIndex
from assistant.reader import Reader, Reading, before, open_reader, reader_revision
from assistant.reader import opening as reader_opening
from assistant.reader.model import FILES, FOLDER
from assistant.sentences import sentence_spans
from assistant.settings import ROOT
from assistant.storage.checksums import SUMS, verify_listed
from assistant.storage.manifest import read_manifest
from assistant.types import AnswerKind, Passage, Span
from tests.conftest import ARTICLE, write_corpus

SAID = Blend().said


class Sure:
    """Reads what it is told: the logit and span of each passage by its own words."""

    def __init__(self, **told):
        self.told, self.asked = told, []

    def reads_whole(self, question):
        return len(question) < 40

    def read(self, question, passages):
        self.asked.append((question, list(passages)))
        return [self.told[passage.split()[-1]] for passage in passages]


def passage(start: int, word: str, heading: str = "") -> Passage:
    text = f"One. {word}"
    return Passage(
        "doc",
        start,
        start + len(text),
        text,
        heading,
        (Span(start, start + 4), Span(start + 5, start + len(text))),
    )


def ranked(start: int, word: str, score: float) -> Ranked:
    own = passage(start, word)
    return Ranked(own, score, 0.5, 0.5, 0.1, None, None, own.sentences[0])


@pytest.fixture()
def index(index_dir):
    return PassageIndex.open(index_dir)


def reading_with(index, reader, weight=0.5):
    return PassageReading(index, reader, weight, SAID)


def of_the_index(index, *words):
    doc_id = next(iter(index.documents))
    found = []
    for place, word in enumerate(words):
        own = ranked(100 * place, word, 0.9 - 0.1 * place)
        found.append(
            Ranked(
                Passage(
                    doc_id, own.passage.start, own.passage.end, own.passage.text, "", own.passage.sentences
                ),
                own.score,
                0.5,
                0.5,
                0.1,
                None,
                None,
                own.highlight,
            )
        )
    return found


def test_what_reads_as_an_answer_gains_the_weight_times_its_probability(index):
    reader = Sure(a=Reading(0.0, Span(0, 1)), b=Reading(np.log(3.0), Span(0, 1)))
    read = reading_with(index, reader).read("q", of_the_index(index, "a", "b"), [0, 1])
    assert [one.score for one in read] == pytest.approx([0.9 + 0.25, 0.8 + 0.375])
    assert [one.reads for one in read] == [0.0, pytest.approx(1.0986, abs=1e-4)]


def test_the_reader_gets_title_and_heading_before_each_passage(index):
    reader = Sure(a=Reading(0.0, Span(0, 1)))
    reading_with(index, reader).read("what?", of_the_index(index, "a"), [0])
    [(question, [text])] = reader.asked
    title = next(iter(index.documents.values())).title
    assert (question, text) == ("what?", f"{title}. One. a")


def test_only_the_best_passages_are_read_and_none_passes_them_unread(index):
    words = [f"w{number}" for number in range(MOST_READ + 2)]
    reader = Sure(**{word: Reading(-30.0, Span(0, 1)) for word in words})
    before = of_the_index(index, *words)
    read = reading_with(index, reader).read("q", before, range(len(before)))
    assert read[MOST_READ:] == before[MOST_READ:]
    assert [one.reads for one in read[:MOST_READ]] == [-30.0] * MOST_READ
    assert min(one.score for one in read[:MOST_READ]) > max(one.score for one in read[MOST_READ:])


@pytest.mark.parametrize(
    ("logit", "words", "expected"),
    [(1.0, "a", 1), (1.0, "One.", 0), (-1.0, "a", 0)],
    ids=["points into the second sentence", "into the first", "not believed: the best sentence stays"],
)
def test_the_sentence_that_is_pointed_at_is_marked(index, logit, words, expected):
    title = next(iter(index.documents.values())).title
    at = f"{title}. One. a".rindex(words)
    reader = Sure(a=Reading(logit, Span(at, at + len(words))))
    [read] = reading_with(index, reader).read("q", of_the_index(index, "a"), [0])
    assert read.highlight == read.passage.sentences[expected]


class Likes:
    """Reads passages with a word as answers, all others as none."""

    def __init__(self, word):
        self.word, self.asked = word, 0

    def reads_whole(self, question):
        return len(question) < 40

    def read(self, question, passages):
        self.asked += 1
        return [Reading(9.0 if self.word in passage else -9.0, Span(0, 1)) for passage in passages]


PURPLE = "purple fits"
"""The little article has one of its words."""


def ranker(index, encoder, reads, weight=0.1):
    made = Ranker(index, encoder, Blend(reader=weight), reads)
    return lambda question: made.rank(made.queries.read(question))


def test_the_best_passage_is_the_one_that_reads_as_an_answer(index, word_encoder):
    without = ranker(index, word_encoder, None)(PURPLE)
    last = without.ranked[-1].passage
    word = last.text.split()[-1]
    read = ranker(index, word_encoder, Likes(word), weight=5)(PURPLE)
    assert word in read.ranked[0].passage.text
    assert [one.score for one in read.ranked] == sorted((one.score for one in read.ranked), reverse=True)
    assert {one.passage for one in read.ranked} == {one.passage for one in without.ranked}
    assert model_for(read) == "read"
    assert signals_of(read)["reads"] == read.ranked[0].reads == 9.0
    assert model_for(without) == "prose"
    assert "reads" not in signals_of(without)


def test_a_weight_of_nothing_and_a_question_too_long_to_be_read_whole_are_not_read(index, word_encoder):
    reader = Likes("a")
    unread = ranker(index, word_encoder, reader, weight=0)("fits")
    assert {one.reads for one in unread.ranked} == {None}
    story = ranker(index, word_encoder, reader)(f"{'well, ' * 10} about these fits?")
    assert {one.reads for one in story.ranked} == {None}
    assert reader.asked == 0


def test_where_editors_say_what_is_not_answered_nothing_is_read(tmp_path, corpus_dir, word_encoder):
    questions = corpus_dir / "questions"
    questions.mkdir()
    (questions / "little.toml").write_text('[[unanswered]]\nq = "panic?"\nmissing = "panic"\n')
    index_dir = tmp_path / "told"
    build_index(read_corpus(corpus_dir), word_encoder, index_dir)
    told, reader = PassageIndex.open(index_dir), Likes("a")
    evidence = ranker(told, word_encoder, reader)("fits")
    assert reader.asked == 0
    assert model_for(evidence) == "curated"
    assert not is_any_read(told)


def test_what_the_editors_of_one_article_say_tells_nothing_of_another(tmp_path, word_encoder):
    other = "Other article\n\nEnds\n\nWhen you stop, you stop slowly, and nobody should stop it in a day or alone."
    folder = write_corpus(tmp_path / "corpus", {"little": ARTICLE, "other": other})
    (folder / "questions").mkdir()
    (folder / "questions" / "little.toml").write_text(
        '[[unanswered]]\nq = "panic?"\nmissing = "panic"\n[[question]]\nq = "fits?"\nquote = "It is given for fits."\n'
    )
    build_index(read_corpus(folder), word_encoder, tmp_path / "index")
    index, reader = PassageIndex.open(tmp_path / "index"), Likes("a")
    of_little = ranker(index, word_encoder, reader)("fits")
    assert of_little.ranked[0].passage.doc_id == "little"
    assert (reader.asked, model_for(of_little)) == (0, "curated")
    assert of_little.leaning is not None
    of_other = ranker(index, word_encoder, reader)("stop purple")
    assert of_other.ranked[0].passage.doc_id == "other"
    assert (reader.asked, model_for(of_other)) == (1, "read")
    assert (of_other.answered, of_other.unanswered, of_other.leaning) == (None, None, None)


def test_of_what_editors_have_answered_nothing_is_missing(tmp_path, corpus_dir, word_encoder):
    asked = "is it given for psoriasis and fits?"
    (corpus_dir / "questions").mkdir()
    (corpus_dir / "questions" / "little.toml").write_text(
        f'[[question]]\nq = "{asked}"\nquote = "It is given for fits."\n'
        '[[unanswered]]\nq = "is it given for psoriasis?"\nmissing = "psoriasis"\n'
    )
    build_index(read_corpus(corpus_dir), word_encoder, tmp_path / "told")
    ask = ranker(PassageIndex.open(tmp_path / "told"), word_encoder, Likes("a"))
    answered, unanswered, like = map(
        ask, (asked, "is it given for psoriasis?", "do you stop psoriasis and fits?")
    )
    assert (answered.missing, judge(answered).kind) == ((), AnswerKind.FOUND)
    assert (unanswered.verdict, unanswered.missing) == (False, ("psoriasis",))
    assert (like.verdict, like.missing) == (None, ("psoriasis",))
    assert AnswerKind.FOUND not in (judge(unanswered).kind, judge(like).kind)


def test_where_the_best_passage_has_questions_of_its_own_nothing_is_read(tmp_path, word_encoder):
    folder = write_corpus(
        tmp_path / "faq", {"faq": "## Is it for fits?\n\nIt is, and for panic as well, in most people."}
    )
    build_index(read_corpus(folder), word_encoder, tmp_path / "index")
    reader = Likes("a")
    evidence = ranker(PassageIndex.open(tmp_path / "index"), word_encoder, reader)("fits")
    assert evidence.ranked[0].curated is not None
    assert (reader.asked, model_for(evidence)) == (0, "prose")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Take it with food.", True),
        ("It says: “Take it with food.”", True),
        ("- feeling sick\n- being tired", True),
        ("The most common are:\n- feeling sick", True),
        ("book a table for two", False),
        ("Can I drink on it?", False),
        ("Can I drink on it? May I drive?", False),
        ("Can I drink on it? Not much.", True),
    ],
)
def test_prose_and_lists_state_something_and_questions_and_single_phrases_nothing(text, expected):
    own = Passage("doc", 0, len(text), text, "", tuple(sentence_spans(text, 0, len(text))))
    assert states(own) is expected


def test_where_the_best_passage_states_nothing_nothing_is_read(index):
    stating = ranked(0, "a", 0.9)
    phrase = Passage("doc", 0, 12, "book a table", "", (Span(0, 12),))
    asking = stating._replace(passage=phrase)
    reading = reading_with(index, Sure())
    assert reading.is_asked("fits", stating, nearest=0.5, whole=False)
    assert not reading.is_asked("fits", asking, nearest=0.5, whole=False)


@pytest.mark.parametrize(
    ("nearest", "whole", "expected"),
    [(SAID, True, False), (SAID - 0.001, True, True), (1.0, False, True)],
    ids=["every part, and nearly the same", "no sentence as near", "a part is missing"],
)
def test_where_the_articles_say_it_in_the_questions_own_words_nothing_is_read(
    index, nearest, whole, expected
):
    reading = reading_with(index, Sure())
    assert reading.is_asked("fits", ranked(0, "a", 0.9), nearest, whole) is expected


@pytest.mark.parametrize(
    "question",
    [
        "Why fits?",
        "Who had fits?",
        "How many fits?",
        "Fits after it?",
        "No fits?",
        "Isn't it for fits?",
        "2 fits?",
    ],
)
def test_a_detail_or_a_turn_is_read_whatever_else_is_said(index, question):
    reading = reading_with(index, Sure())
    assert reading.is_asked(question, ranked(0, "a", 0.9), nearest=1.0, whole=True)


@pytest.mark.parametrize(("topic", "expected"), [(0.8, False), (0.79, True), (None, True)])
def test_where_the_best_passage_speaks_of_the_topic_asked_about_nothing_is_read(index, topic, expected):
    reading = reading_with(index, Sure())
    speaking = ranked(0, "a", 0.9)._replace(topic=topic)
    assert reading.is_asked("Who is at risk?", speaking, nearest=SAID, whole=False) is expected
    assert reading.is_asked("Who is at risk?", speaking, nearest=SAID - 0.001, whole=False)


def test_the_same_from_the_question_on(index, word_encoder):
    reader = Likes("a")
    ask = ranker(index, word_encoder, reader)
    said = ask("fits")
    assert (said.covered, max(one.sentence for one in said.ranked)) == (1.0, pytest.approx(1.0))
    assert (reader.asked, model_for(said)) == (0, "prose")
    subject = ask("What is little?")
    assert (subject.query.units, subject.covered) == ((), 0.0)
    assert reader.asked == 0
    more = ask(PURPLE)
    assert more.covered < 1
    assert (reader.asked, model_for(more)) == (1, "read")


@pytest.mark.parametrize(
    ("question", "asked"), [("fits sleep calm drink", 0), ("fits sleep calm drink panic", 1)]
)
def test_a_question_of_many_parts_is_read_even_where_all_of_them_are_there(
    tmp_path, word_encoder, question, asked
):
    words = {
        "medicine": "## What it does\n\nThe fits and the panic are gone, the sleep is calm, and the drink is away."
    }
    folder = write_corpus(tmp_path / "corpus", words)
    build_index(read_corpus(folder), word_encoder, tmp_path / "index")
    reader = Likes("a")
    evidence = ranker(PassageIndex.open(tmp_path / "index"), word_encoder, reader)(question)
    assert (len(evidence.query.units), evidence.covered) == (4 + asked, 1.0)
    assert evidence.ranked[0].sentence >= SAID
    assert reader.asked == asked


def test_what_no_reading_could_answer_is_not_read(index, word_encoder):
    reader = Likes("a")
    ask = ranker(index, word_encoder, reader)
    uncovered, missing = ask("tramadol fits?"), ask("is it given for psoriasis and fits?")
    assert uncovered.query.gate.closed
    assert missing.missing == ("psoriasis",)
    judged = [judge(each) for each in (uncovered, missing)]
    assert [each.kind for each in judged] == [AnswerKind.NOT_COVERED, AnswerKind.NOT_FOUND]
    assert [each.probability for each in judged] == [0, 0]
    assert reader.asked == 0


def test_an_article_without_such_questions_is_read(index):
    assert is_any_read(index)


def test_a_title_without_end_leaves_room_for_the_passage():
    assert before("A title", "Is it safe?") == "A title. Is it safe. "
    assert before(" ", "") == ""
    assert before("word " * 100, "heading") == "word " * 40


def test_words_of_the_title_mark_nothing():
    one = ranked(100, "a", 0.9)
    assert sentence_of(one, Span(0, 4), ahead=20) == one.highlight


def test_the_files_are_those_listed_and_the_revision_is_that_of_the_list():
    verify_listed(FOLDER, *FILES)
    assert {line.split("  ")[1] for line in (FOLDER / SUMS).read_text().splitlines()} == set(FILES)


def test_a_build_records_the_reader_and_another_setting_is_refused(little_corpus, word_encoder, tmp_path):
    report = build_index(little_corpus, word_encoder, tmp_path)
    assert read_manifest(tmp_path / report.build_id).reader == "off"
    index = PassageIndex.open(tmp_path)
    with pytest.raises(
        IndexStaleError, match="built with the reader off, but 0123456789ab is set.*assistant build"
    ):
        index.refuse_other_models(word_encoder, "0123456789ab" * 5 + "0123")


def test_only_the_tuned_encoder_is_read_beside(word_encoder):
    assert reader_revision(word_encoder, True) == "off"
    assert open_reader(word_encoder, True) is None


def test_a_missing_list_and_a_graph_that_is_none_are_refused_too(tmp_path, monkeypatch, real_assistant):
    encoder = real_assistant._ranker._encoder
    monkeypatch.setattr(reader_opening, "FOLDER", tmp_path)
    with pytest.raises(ReaderError, match="cannot be used.*ASSISTANT_READER=off"):
        reader_revision(encoder, True)
    for name in FILES:
        (tmp_path / name).write_bytes(b"nothing")
    broken = Reader(tmp_path)
    for _ in range(2):
        with pytest.raises(ReaderError, match="cannot be used.*ASSISTANT_READER=off"):
            broken.read("why?", ["text"])


def test_the_judge_was_fitted_with_the_reader_that_ships():
    told = json.loads((ROOT / "assistant/data/judge.json").read_text())
    assert told["reader"] == reader_opening.sha256_of(FOLDER / SUMS)


def test_the_real_index_records_the_real_reader(real_assistant):
    manifest = real_assistant.index.manifest
    assert manifest is not None
    assert manifest.reader == reader_opening.sha256_of(FOLDER / SUMS)


def test_switched_off_it_is_another_index(real_assistant, little_corpus):
    encoder = real_assistant._ranker._encoder
    assert build_id_of(little_corpus, encoder, True) != build_id_of(little_corpus, encoder, False)
    assert open_reader(encoder, False) is None


def test_altered_weights_are_refused_with_words_that_say_what_to_do(tmp_path, monkeypatch):
    folder = tmp_path / "reader"
    shutil.copytree(FOLDER, folder)
    weights = bytearray((folder / "weights.bin").read_bytes())
    weights[len(weights) // 2] ^= 1
    (folder / "weights.bin").write_bytes(weights)
    monkeypatch.setattr(reader_opening, "FOLDER", folder)
    reader_opening.shipped_reader.cache_clear()
    try:
        with pytest.raises(
            ReaderError, match="weights.bin is not the file that SHA256SUMS lists.*READER=off"
        ):
            reader_opening.shipped_reader()
    finally:
        reader_opening.shipped_reader.cache_clear()


@pytest.fixture(scope="module")
def shipped():
    return Reader(FOLDER)


STORE = "Rumavex tablets. Storing it. Keep the tablets below 25 degrees, in the box, out of the sight of children."
MISSED = "Rumavex tablets. If you forget it. Take the missed tablet as soon as you remember, if the next is not due."


def test_what_answers_reads_better_than_what_does_not(shipped):
    for question, right, wrong in [
        ("Where should I keep the tablets?", STORE, MISSED),
        ("I forgot my pill this morning, what now?", MISSED, STORE),
    ]:
        good, bad = shipped.read(question, [right, wrong])
        assert good.logit > bad.logit


def test_the_same_question_gives_the_same_readings_whether_a_passage_is_known_or_not(shipped):
    question = "Where should I keep the tablets?"
    first = shipped.read(question, [STORE, MISSED])
    assert shipped.read(question, [STORE, MISSED]) == first
    assert Reader(FOLDER).read(question, [STORE, MISSED]) == first
    assert shipped.read(question, []) == []


def test_a_question_of_many_words_is_known_not_to_be_read_whole(shipped):
    assert shipped.reads_whole("Can I stop taking the tablets all at once?")
    assert not shipped.reads_whole("My mother has been on them for years. " * 9 + "Can she stop?")


def test_many_threads_get_the_same_readings(shipped):
    question = "Where should I keep the tablets?"
    expected = shipped.read(question, [STORE, MISSED])
    fresh = Reader(FOLDER)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: fresh.read(question, [STORE, MISSED]), range(16)))
    assert found == [expected] * 16


def test_a_very_long_passage_and_question_are_read_as_far_as_they_are_read(shipped):
    [reading] = shipped.read("why " * 500, [STORE + " word" * 2000])
    assert np.isfinite(reading.logit)


def test_words_are_pointed_at_only_where_the_passage_is_said_to_answer(shipped):
    for question in ("Where should I keep the tablets?", "Who won the match?"):
        readings = shipped.read(question, [STORE, MISSED, STORE])
        assert [reading.span is not None for reading in readings] == [
            reading.logit > 0 for reading in readings
        ]
        assert all(reading.logit <= 0 or 0 <= reading.span.start < reading.span.end for reading in readings)
