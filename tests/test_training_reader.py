import copy
import json
import random
from collections import Counter

import numpy as np
import onnxruntime
import pytest
import torch

from assistant.reader.states import beside, beside_nothing, states_of
from evaluation.splits import PAGES_APART, WRITTEN_SHARE_APART, kept_apart
from evaluation.written import ARTICLES, read_written
from training.cloze import cloze_questions
from training.export_reader import GRAPH, export
from training.reach import reach_of
from training.reader_model import HIDDEN, Packed, Reader
from training.reader_packs import Packer, Row, batch
from training.reader_steps import UNTITLED, Material, Sections, material_of
from training.reading_examples import FURTHER, Asked, ReadPassage, further, written

TEXT = (
    "The first trial of Rumavex took place in Leeds in 1998 and included 240 adults with severe asthma. "
    "Most of the adults felt better within two weeks, but children under twelve were never given the tablets. "
    "Doctors increased the dose slowly because headaches were common during the first days of treatment."
)
OTHER = (
    "A later trial in Bristol studied 75 older patients with mild eczema. They used a cream before breakfast."
)


@pytest.fixture(scope="module")
def reader():
    torch.manual_seed(1)
    chance = torch.Generator().manual_seed(2)
    return Reader(torch.randn(50, HIDDEN, generator=chance), torch.randn(40, HIDDEN, generator=chance)).eval()


def packed(passages, questions):
    """Of `questions` each passage has its own list."""

    def padded(texts):
        mask = torch.zeros(len(texts), max(map(len, texts)), dtype=torch.bool)
        ids = torch.zeros(mask.shape, dtype=torch.long)
        for row, own in enumerate(texts):
            ids[row, : len(own)], mask[row, : len(own)] = torch.tensor(own), True
        return ids, mask

    most = max(map(len, questions))
    filled = [each for own in questions for each in own + [[]] * (most - len(own))]
    return Packed(*padded(passages), *(each.reshape(len(passages), most, -1) for each in padded(filled)))


def test_a_question_reads_the_same_alone_and_among_others(reader):
    passages = [[1, 5, 6, 7, 2], [1, 8, 9, 2], [1, 5, 9, 9, 9, 9, 2]]
    questions = [[[1, 20, 2]], [[1, 24, 25, 2]], [[1, 21, 22, 23, 2], [1, 26, 2]]]
    asked = [(passage, each) for passage, own in zip(passages, questions, strict=True) for each in own]
    with torch.no_grad():
        together = reader(packed(passages, questions))
        assert [len(each) for each in together] == [len(asked)] * 4
        for number, (passage, question) in enumerate(asked):
            alone = reader(packed([passage], [[question]]))
            assert together[0][number] == pytest.approx(alone[0][0].item(), abs=1e-4)
            tokens = len(passage)
            words = len(question)
            assert together.doubts[number, :words].tolist() == pytest.approx(
                alone.doubts[0].tolist(), abs=1e-4
            )
            for many, one in zip(together[1:3], alone[1:3], strict=True):
                assert many[number, :tokens].tolist() == pytest.approx(one[0].tolist(), abs=1e-4)
                assert (many[number, tokens:] <= -9000).all()


def test_what_is_known_of_a_passage_does_not_depend_on_the_question(reader):
    passage = [1, 5, 6, 7, 2]
    with torch.no_grad():
        one, other = (reader(packed([passage], [[question]])) for question in ([1, 20, 2], [1, 30, 31, 2]))
    assert one[0].item() != other[0].item()
    assert reader.lower[0].query.weight.requires_grad is False


def test_cloze_questions_ask_for_what_stands_there_and_half_are_not_answered():
    asked = cloze_questions(TEXT, [OTHER], {}, 3, random.Random(3))
    answered, swapped = ([each for each in asked if each.label == label] for label in (1, 0))
    assert len(answered) == 3
    assert 1 <= len(swapped) <= 3
    for each in answered:
        assert each.span is not None
        start, end = each.span
        assert TEXT[start:end].strip() == TEXT[start:end] != ""
        assert TEXT[start:end].casefold() not in each.question.casefold()
    assert all(each.span is None for each in swapped)
    assert asked == cloze_questions(TEXT, [OTHER], {}, 3, random.Random(3))


def test_clinical_words_may_be_said_in_lay_words():
    lay = {"asthma": ["tight chest"], "headaches": ["sore heads"]}
    said = {
        each.question
        for seed in range(40)
        for each in cloze_questions(TEXT, [OTHER], lay, 3, random.Random(seed))
    }
    assert any("tight chest" in question or "sore heads" in question for question in said)


class Words:
    """Tokens are words; every text gets a first and a last token."""

    class Read:
        def __init__(self, text):
            self.ids, self.offsets, place = [1], [(0, 0)], 0
            for word in text.split():
                at = text.index(word, place)
                place = at + len(word)
                self.ids.append(3 + len(word))
                self.offsets.append((at, place))
            self.ids.append(2)
            self.offsets.append((0, 0))

    def encode(self, text):
        return self.Read(text)

    def encode_batch(self, texts):
        return [self.Read(text) for text in texts]


def test_a_span_is_told_in_tokens_of_the_passage_with_what_stands_before_it():
    passage = ReadPassage("a", "a#0", "Title. ", "one two three")
    row = Row(passage, [Asked("what?", 1, (4, 13)), Asked("why not?", 0)])
    inputs, wanted = Packer(Words()).pack([row])
    assert inputs.passage_mask.sum() == 6
    assert inputs.question_mask.sum(2).tolist() == [[3, 4]]
    assert (wanted.labels.tolist(), wanted.starts.tolist(), wanted.ends.tolist()) == (
        [1, 0],
        [3, -1],
        [4, -1],
    )


def test_a_span_beyond_the_last_token_read_is_not_known():
    passage = ReadPassage("a", "a#0", "", "word " * 400 + "end")
    _, wanted = Packer(Words()).pack([Row(passage, [Asked("what?", 1, (2000, 2003))])])
    assert (wanted.starts.tolist(), wanted.ends.tolist()) == ([-1], [-1])


def test_a_step_takes_as_many_passages_as_fit():
    rows = [Row(ReadPassage("a", str(number), "", "w" * 400), []) for number in range(9)]
    packer = Packer(Words())
    assert len(batch(rows, packer, 3 * packer.length(rows[0]), random.Random(1))) == 3
    assert len(batch(rows, packer, 1, random.Random(1))) == 1


def passages():
    own = [ReadPassage("a", f"a#{number}", "", f"text {number}") for number in range(3)]
    own[0].asked.append(Asked("zero?", 1))
    own[1].asked.append(Asked("one?", 1))
    own[1].asked.append(Asked("zero?", 1, mine=False))
    own[1].asked.append(Asked("near one?", 0))
    return own


def test_questions_of_neighbours_are_asked_too_but_not_of_what_also_answers_them():
    material = material_of(passages(), lambda texts: np.ones((len(texts), 2), np.float32))
    asked = {name: sorted(each.question for each in found) for name, found in material.neighbours.items()}
    assert asked == {"a#0": ["near one?", "one?"], "a#2": ["near one?", "one?", "zero?"]}
    assert {each.label for found in material.neighbours.values() for each in found} == {0}
    assert material.size == 3


def test_some_passages_are_read_without_what_stands_before_them():
    passage = ReadPassage("a", "a#0", "Title. ", "One two.", [Asked("one?", 1, (0, 3)), Asked("three?", 0)])
    drawn = Material([passage], {"a#0": [Asked("four?", 0, None, False)]})
    rows = [drawn.row(random.Random(seed)) for seed in range(1000)]
    assert {row.passage.text for row in rows} == {passage.text}
    assert {frozenset(asked.question for asked in row.asked) for row in rows} == {
        frozenset({"one?", "three?", "four?"})
    }
    before = Counter(row.passage.before for row in rows)
    assert before.keys() == {"", "Title. "}
    assert before[""] / len(rows) == pytest.approx(UNTITLED, abs=0.05)


def test_a_section_is_asked_what_its_heading_asks():
    passage = ReadPassage("p", "p#0.0", "Measles. ", "A rash.")
    row = Sections([passage], {"p#0.0": "symptoms"}).row(random.Random(5))
    assert [asked.label for asked in row.asked] == [1, 1, 1, 0, 0, 0, 0, 0]


def test_whole_articles_are_kept_apart_the_same_every_time():
    names = [f"n{number}" for number in range(100)]
    apart = kept_apart(names, PAGES_APART)
    assert len(apart) == PAGES_APART
    assert apart == kept_apart(reversed(names), PAGES_APART)


def test_the_written_articles_are_whole_and_what_the_judge_learns_from_teaches_no_reader():
    articles = [
        json.loads(line) for path in ARTICLES.glob("*.jsonl") for line in path.read_text().splitlines()
    ]
    names = [article["id"] for article in articles]
    assert len(set(names)) == len(names)
    for article in articles:
        for passage in article["passages"]:
            for asked in passage["questions"]:
                assert asked["kind"] in ("answerable", "unanswerable")
                assert ("span" in asked) == (asked["kind"] == "answerable")
                assert asked.get("span", "") in passage["text"]
    source, judged = written(ARTICLES), read_written()
    assert {each.article for each in source.development} == set(judged.collections)
    assert {each.article for each in source.training}.isdisjoint(judged.collections)
    assert len(judged.collections) == round(WRITTEN_SHARE_APART * len(names))


def test_further_articles_are_whole_and_those_kept_apart_are_none_of_the_others():
    source = further(FURTHER)
    learnt, apart = ({each.article: each for each in part} for part in (source.training, source.development))
    assert learnt.keys().isdisjoint(apart)
    assert (len(apart), len(learnt)) == (74, 2594)
    others = {passage.article for passage in (*written(ARTICLES).training, *written(ARTICLES).development)}
    assert others.isdisjoint({*learnt, *apart})
    passages = [*source.training, *source.development]
    assert len({passage.passage_id for passage in passages}) == len(passages)
    for passage in passages:
        asked = Counter(each.question.casefold() for each in passage.asked)
        assert passage.text
        assert set(asked.values()) == {1}, passage.passage_id
        assert all((each.span is not None) == bool(each.label) for each in passage.asked)
        said = " ".join([passage.text, passage.before, *asked]).casefold()
        assert not any(name in said for name in ("clonazepam", "klonopin", "rivotril", "benzodiazepine"))


class Exported:
    """The graph that ships, of a reader, in a folder."""

    def __init__(self, reader, folder):
        export(reader, folder, packed(PASSAGES, [[QUESTION]] * 3))
        self._graph = onnxruntime.InferenceSession(str(folder / GRAPH), providers=["CPUExecutionProvider"])

    def read(self, passages, question):
        return self._run(["logits", "points"], question, 1, beside([self._kept(each) for each in passages]))

    def _kept(self, passage):
        names = [f"own_{kind}_{layer}" for kind in ("keys", "values") for layer in range(4)]
        *found, states = self._run([*names, "own_states"], passage, 0, beside_nothing(4, HIDDEN))
        by_layer = [each[0] for each in found]
        return states_of(by_layer[:4], by_layer[4:], states[0], np.zeros((len(passage), 2), np.int64))

    def _run(self, outputs, ids, asks, inputs):
        return self._graph.run(
            outputs, {"ids": np.array([ids]), "asks": np.full(1, asks, np.float32), **inputs}
        )


PASSAGES = [[1, 5, 6, 7, 2], [1, 8, 9, 2], [1, 5, 9, 9, 9, 9, 2]]
QUESTION = [1, 21, 22, 23, 2]


def test_the_exported_graph_judges_as_the_trained_reader_does(reader, tmp_path):
    sharp = copy.deepcopy(reader)
    with torch.no_grad():
        # As it begins, hardly anything makes a difference to a reader.
        for part in sharp.modules():
            if isinstance(part, torch.nn.Linear):
                part.weight *= 1.5
        sharp.judge[2].weight *= 30
        sharp.asks += 2
        logits, *_ = sharp(packed(PASSAGES, [[QUESTION]] * 3))
    found, _ = Exported(sharp, tmp_path).read(PASSAGES, QUESTION)
    assert found == pytest.approx(logits.numpy(), abs=float(np.ptp(logits.numpy())) / 5)


def test_the_exported_graph_points_where_the_trained_reader_does(reader, tmp_path):
    with torch.no_grad():
        _, *wanted, _ = reader(packed(PASSAGES, [[QUESTION]] * 3))
    _, points = Exported(reader, tmp_path).read(PASSAGES, QUESTION)
    for row, passage in enumerate(PASSAGES):
        for place, logits in enumerate(wanted):
            own = logits[row, : len(passage)].numpy()
            assert points[row, place, : len(passage)] == pytest.approx(own, abs=0.05)
    assert np.ptp(wanted[0][2].numpy()) > 1


def test_how_far_channels_reach_is_measured_on_what_each_map_is_given(reader):
    examples = packed(PASSAGES, [[QUESTION], [], []])
    reach = reach_of(reader, examples)
    with torch.no_grad():
        given = reader.first_norm(
            torch.cat(
                [reader.words[torch.tensor(ids)] + reader.places[: len(ids)] for ids in [*PASSAGES, QUESTION]]
            )
        )
    assert reach[reader.alone[0].query] == pytest.approx(given.abs().amax(0).numpy(), rel=1e-5)
    assert set(reach) == {module for module in reader.modules() if isinstance(module, torch.nn.Linear)}
    again = reach_of(reader, examples)
    assert all((again[module] == found).all() for module, found in reach.items())
