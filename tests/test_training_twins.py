import json
import math
import random
from collections import Counter

import numpy as np
import pytest
import torch

from evaluation.written import ARTICLES, read_written
from tests.test_training_reader import PASSAGES, QUESTION, Words, packed
from training.exchanged import Exchanged, exchangeable, exchanged
from training.export_reader import GRAPH, export
from training.reader_figures import twin_figures
from training.reader_model import DROPOUT, HIDDEN, Reader
from training.reader_packs import Packer, Row
from training.reader_steps import Twins
from training.reader_trainer import Stage, Trainer, twin_loss
from training.reading_examples import Asked, ReadPassage, twin_articles, twins, written
from training.shipped_reader import take_back
from training.train_reader import STAGES, TWINS


def new_reader(seed, layers=6):
    torch.manual_seed(seed)
    chance = torch.Generator().manual_seed(2)
    words, places = (torch.randn(size, HIDDEN, generator=chance) for size in (50, 40))
    return Reader(words, places, layers).eval()


TWIN_PASSAGE = ReadPassage(
    "a",
    "a#0",
    "",
    "Warsaw is in Poland.",
    [
        Asked("which city?", 1, (0, 6)),
        Asked("which village?", 0),
        Asked("which country?", 1, (13, 19)),
        Asked("which continent?", 0),
    ],
)


def test_every_twin_is_about_a_passage_and_its_answer_stands_there():
    articles = {
        article["id"]: article
        for path in ARTICLES.glob("*.jsonl")
        for article in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    }
    rows = [
        json.loads(line)
        for path in sorted(TWINS.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert len(rows) > 4000
    for row in rows:
        passage = articles[row["article"]]["passages"][row["passage"]]
        assert row["span"] in passage["text"]
        assert row["answerable"].casefold() != row["unanswerable"].casefold()
        known = {asked["q"].casefold() for asked in passage["questions"]}
        assert known.isdisjoint({row["answerable"].casefold(), row["unanswerable"].casefold()})
    asked = Counter(
        (row["article"], row["passage"], row[kind].casefold())
        for row in rows
        for kind in ("answerable", "unanswerable")
    )
    assert set(asked.values()) == {1}


def test_articles_with_nothing_but_twins_are_read_whole_and_a_tenth_of_them_teaches_nothing():
    source = twin_articles(TWINS / "articles")
    names = [{passage.article for passage in part} for part in (source.training, source.development)]
    assert names[0].isdisjoint(names[1])
    assert len(names[1]) == round(0.1 * len(names[0] | names[1]))
    assert names[0].isdisjoint(passage.article for passage in written(ARTICLES).training)
    passages = [*source.training, *source.development]
    assert len({passage.passage_id for passage in passages}) == len(passages)
    for passage in passages:
        assert "clonazepam" not in passage.text.casefold()
        assert [asked.label for asked in passage.asked] == [1, 0] * (len(passage.asked) // 2)
        for answered, not_answered in zip(passage.asked[::2], passage.asked[1::2], strict=True):
            assert answered.question.casefold() != not_answered.question.casefold()
            start, end = answered.span
            assert passage.text[start:end].strip()


def test_twins_of_articles_kept_apart_teach_no_reader():
    source, judged = twins(TWINS, written(ARTICLES)), set(read_written().collections)
    assert {passage.article for passage in source.development} <= judged
    assert {passage.article for passage in source.training}.isdisjoint(judged)
    for passage in (*source.training, *source.development):
        assert [asked.label for asked in passage.asked] == [1, 0] * (len(passage.asked) // 2)
        for asked in passage.asked[::2]:
            assert asked.span is not None


def test_a_passage_is_asked_all_its_twins_at_once_and_they_come_first():
    beside = ReadPassage("a", "a#0", "", TWIN_PASSAGE.text, [Asked(f"{number}?", 0) for number in range(9)])
    row = Twins([TWIN_PASSAGE], [beside]).row(random.Random(1))
    assert row.asked[:4] == TWIN_PASSAGE.asked
    assert (row.twins, len(row.asked)) == (2, 8)
    assert Twins([TWIN_PASSAGE], []).row(random.Random(1)).asked == TWIN_PASSAGE.asked


def test_where_twins_stand_is_told_among_all_questions_of_a_step():
    other = Row(TWIN_PASSAGE, [Asked("why?", 0), Asked("how?", 0), Asked("who?", 1)])
    _, wanted = Packer(Words()).pack([other, Row(TWIN_PASSAGE, [*TWIN_PASSAGE.asked, Asked("why?", 0)], 2)])
    assert wanted.twins.tolist() == [3, 5]
    assert wanted.labels[wanted.twins].tolist() == [1, 1]
    assert wanted.labels[wanted.twins + 1].tolist() == [0, 0]


def test_the_less_two_twins_are_told_apart_the_more_is_lost():
    lost = twin_loss(torch.tensor([5.0, 2.0, 0.0, 3.0, 4.0]), torch.tensor([1, 3]))
    assert lost.item() == pytest.approx((math.log1p(math.exp(-2)) + math.log1p(math.exp(1))) / 2)


def test_twins_that_are_read_alike_are_not_told_apart():
    reader = new_reader(1)
    with torch.no_grad():
        reader.judge[2].weight.zero_()
    figures = twin_figures(reader, [TWIN_PASSAGE], Packer(Words()))
    assert (figures.told, figures.auroc, figures.twins) == (0.0, 0.5, 2)


NAMES = {
    "Poland": np.array([1, 0], np.float32),
    "Hungary": np.array([0.8, 0.6], np.float32),
    "Polish Republic": np.array([0.96, 0.28], np.float32),
    **{f"City{number}": np.array([0.1, 0.99], np.float32) for number in range(5)},
}
OTHERS = {"name": set(NAMES), "year": {"1918", "1939"}}


@pytest.mark.parametrize(
    ("question", "span", "twins"),
    [
        ("What is the capital of Poland?", None, {"Hungary", *(f"City{number}" for number in range(4))}),
        ("who ruled there in 1918", None, {"1939"}),
        ("who ruled there in 1939", (0, 4), set()),
        ("Who came first?", None, {"last"}),
        ("Poland is where?", None, set()),
        ("Why can it not?", None, set()),
    ],
)
def test_one_thing_of_a_question_is_exchanged_for_its_counterpart(question, span, twins):
    found = {
        exchanged(Asked(question, 1, span), "1918 it was.", OTHERS, NAMES, random.Random(seed))
        for seed in range(60)
    }
    old = {"Poland", "1918", "1939", "first"}
    [asked_for] = [word for word in old if word in question] or [""]
    assert found == ({question.replace(asked_for, twin) for twin in twins} or {None})
    assert exchangeable(question) == bool(twins or span)


def test_exchanged_questions_are_put_to_the_passage_beside_their_own():
    passages = [
        ReadPassage("a", "a#0", "", "It fell to Hungary.", [Asked("Who took Poland?", 1), Asked("Why?", 0)]),
        ReadPassage("a", "a#1", "", "Nothing else."),
    ]
    vectors = {"Poland": [1.0, 0.0], "Hungary": [0.8, 0.6]}
    drawn = Exchanged(passages, lambda names: np.array([vectors[name] for name in names], np.float32))
    row = drawn.row(random.Random(1))
    assert [(asked.question, asked.label) for asked in row.asked] == [
        ("Who took Poland?", 1),
        ("Who took Hungary?", 0),
        ("Why?", 0),
    ]
    assert row.twins == 1


def test_an_exported_reader_is_taken_back_as_far_as_rounding_lets_it(tmp_path):
    reader, other = new_reader(1), new_reader(7)
    examples = packed(PASSAGES, [[QUESTION]] * 3)
    with torch.no_grad():
        reader.asks += 2
        # As channels of trained readers do, some reach far and are shared or kept apart.
        reader.layers[1].norm.weight[:7] *= 20
    export(reader, tmp_path, examples)
    other.first_norm.load_state_dict(reader.first_norm.state_dict())
    back = take_back(other, tmp_path)
    shipped = ((name, weight) for name, weight in reader.named_parameters() if not name.startswith("doubt"))
    for name, weight in shipped:
        taken = back.get_parameter(name)
        if weight.dim() < 2:
            assert torch.equal(taken, weight), name
        else:
            assert (taken - weight).abs().max() < weight.abs().max() / 8, name
            assert not torch.equal(taken, weight), name
    with torch.no_grad():
        (logits, *points, _), (wanted, *wanted_points, _) = back(examples), reader(examples)
    assert logits.numpy() == pytest.approx(wanted.numpy(), abs=0.01)
    for one, many in zip(points, wanted_points, strict=True):
        assert one.numpy() == pytest.approx(many.numpy(), abs=0.1)


def test_a_reader_of_other_layers_is_not_taken_back(tmp_path):
    export(new_reader(1), tmp_path, packed(PASSAGES, [[QUESTION]] * 3))
    with pytest.raises(ValueError, match=f"{GRAPH} is not an exported reader of 5 layers"):
        take_back(new_reader(1, layers=5), tmp_path)


def test_a_stage_begins_with_its_share_of_the_rate():
    trainer = Trainer(new_reader(1), {}, Stage(10, {}, falling=True, rate=0.5))
    assert [group["peak"] for group in trainer.optimiser.param_groups] == [1e-4, 5e-4]


def test_the_shares_of_a_stage_make_a_whole():
    for shares in STAGES:
        assert sum(shares.values()) == pytest.approx(1, abs=0.021)


def test_a_step_follows_from_its_number_what_it_drops_too():
    """Its loss before anything was learnt from it."""
    drawn = {"twins": Twins([TWIN_PASSAGE], [])}
    losses = []
    for number in (4, 4, 5):
        trainer = Trainer(new_reader(1), drawn, Stage(10, {"twins": 1.0}, falling=False))
        trainer._packer = Packer(Words())
        losses.append(trainer.step(number).judged)
    assert losses[0] == losses[1] != losses[2]


def test_nothing_is_dropped_where_passages_are_read_and_the_lower_layers_stay_the_encoders():
    reader = new_reader(1)
    inputs = packed(PASSAGES, [[QUESTION]] * 3)
    with torch.no_grad():
        once, again = (reader(inputs)[0].tolist() for _ in range(2))
        dropped = reader.train()(inputs)[0].tolist()
    assert once == again != dropped
    assert [layer.dropout.p for layer in (*reader.alone, *reader.together)] == [0, 0, *[DROPOUT] * 4]
