"""Fits the judge's numbers: `python -m evaluation.fit_judge HANDWRITTEN_FOLDER`.

The model `curated` is fitted on the tune half of the first article's questions, the others on nothing about it:
`read`, for passages that the reader has read, and `prose`, for those that it has not, on the hand-written pages and on
the articles written with their questions that neither encoder nor reader has learnt from, and on questions of others
put to these: what has nothing to do with an article must not look like a near miss.
The tune half's questions are among the article's curated questions: each is asked with its own copy left
out. All are logistic regressions of "the best passage is a right one" over standardised signals, and none of these may
count against its meaning (`monotone.py`). Thresholds are read off the same questions, the probabilities
cross-validated, whole articles at a time where there are several: `found` lets 95% of the answerable ones be FOUND by
`curated`, 75% by `prose` and 70% by `read`, which tell near misses less well (a wrong answer is worse than none);
`related` lets 99% be FOUND or RELATED. What lies further from the articles than all but 3% (`near_found`) or 1%
(`near_related`) of the answerable questions is not shown as such whatever the rest says: questions about something
else altogether have no near miss to be told from. For `curated` these are .5% and .2%: among so many curated
questions, many by its own author, a question of the tune half is nearer than those of strangers are.
"""

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from assistant.corpus import Corpus, read_corpus
from assistant.encoder import open_encoder
from assistant.evidence.ranking import Blend
from assistant.reader import reader_revision
from assistant.settings import ROOT, read_settings
from evaluation.abstention import auroc
from evaluation.encoding import RememberingEncoder
from evaluation.engine import ALWAYS_READ, ProductEngine
from evaluation.handwritten import pages_apart, read_handwritten
from evaluation.interface import Engine
from evaluation.judgements import Collection, QuestionSet, Role
from evaluation.monotone import fit, unseen_probabilities
from evaluation.own_set import read_own_set
from evaluation.runner import Outcome, run
from evaluation.strangers import strangers
from evaluation.written import read_further, read_written

OWN_SET = ROOT / "evaluation/sets/clonazepam"
JUDGE = ROOT / "assistant/data/judge.json"
FOUND_SHARE, RELATED_SHARE = {"curated": 0.95, "prose": 0.75, "read": 0.7}, 0.99
NEAR_FOUND_SHARE = {"curated": 0.995, "prose": 0.97, "read": 0.97}
NEAR_RELATED_SHARE = {"curated": 0.998, "prose": 0.99, "read": 0.99}
_PROSE = {"nearest_sentence": 1, "topic": 1, "spoken_of": 1}
_SIGNS: Mapping[str, Mapping[str, int]] = {
    "curated": {
        **{"sentence": 1, "margin": 1, "covered": 1, "topic": 1, "spoken_of": 1, "leaning": 1},
        **{"answered": 1, "answered_density": 1, "unanswered": -1, "unanswered_density": -1},
    },
    "prose": _PROSE,
    "read": {**_PROSE, "reads": 1},
}
"""Of each model the signals, and whether more of one speaks for an answer or against."""
_FOLDS = 10


@click.command()
@click.argument("handwritten", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(handwritten: Path) -> None:
    """Fit all models and write assistant/data/judge.json."""
    settings = read_settings()
    encoder = RememberingEncoder(open_encoder(settings.encoder))
    corpus = read_corpus(settings.corpus_dir)
    own = read_own_set(OWN_SET, corpus)
    pages, written, further = read_handwritten(handwritten), read_written(), read_further()
    # Also what is said in the question's own words is read here, so that all readings count.
    engine, without = (
        ProductEngine(encoder, Blend(said=ALWAYS_READ), reader=reader) for reader in (True, False)
    )
    unlearnt = (pages_apart(pages), written, further)
    asked = (*unlearnt, *map(strangers, unlearnt))
    read, unread = (
        [outcome for each in asked for outcome in run(by, each).outcomes] for by in (engine, without)
    )
    models = {
        "curated": _fit(_asked_as_if_new(engine, own), "curated"),
        "prose": _fit(unread, "prose"),
        "read": _fit([each for each in read if "reads" in each.reply.signals], "read"),
    }
    command = "python -m evaluation.fit_judge HANDWRITTEN_FOLDER"
    numbers = {
        "command": command,
        "encoder": engine.facts["encoder"],
        "reader": reader_revision(encoder, True),
        "sets": {**_hashes(own, pages, written, further), "corpus": corpus.sha256},
        "models": models,
    }
    JUDGE.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")


def _asked_as_if_new(engine: Engine, own: QuestionSet) -> list[Outcome]:
    questions = [each for each in own.questions if each.part == "tune" and each.role in _JUDGED]
    outcomes: list[Outcome] = []
    for fold in range(_FOLDS):
        asked = questions[fold::_FOLDS]
        texts = {question.text for question in asked}
        collections = {group: _without(texts, corpus) for group, corpus in own.collections.items()}
        outcomes += run(engine, replace(own, questions=tuple(asked), collections=collections)).outcomes
    return outcomes


def _without(texts: Container[str], corpus: Collection) -> Collection:
    if not isinstance(corpus, Corpus):
        return corpus
    documents = [
        replace(each, curated=tuple(question for question in each.curated if question.text not in texts))
        for each in corpus.documents
    ]
    return Corpus(tuple(documents))


_JUDGED = {Role.ANSWERABLE, Role.UNANSWERABLE}


def _fit(outcomes: Sequence[Outcome], title: str) -> dict[str, Any]:
    judged = [outcome for outcome in outcomes if "near" in outcome.reply.signals]
    signs = _SIGNS[title]
    signals = np.array(
        [[outcome.reply.signals.get(name, np.nan) for name in signs] for outcome in judged], float
    )
    near = np.array([outcome.reply.signals["near"] for outcome in judged], float)
    right = np.array([outcome.right_first for outcome in judged])
    answerable = np.array([outcome.question.role is Role.ANSWERABLE for outcome in judged])
    unseen = unseen_probabilities(signals, right, list(signs.values()), _folds(judged))
    fitted = fit(signals, right, list(signs.values()))
    found = float(np.quantile(unseen[answerable], 1 - FOUND_SHARE[title]))
    click.echo(
        f"{title}: {len(judged)} questions, cross-validated AUROC answerable against not "
        f"{auroc(unseen[answerable], unseen[~answerable]):.3f}, "
        f"not answerable but FOUND {np.mean(unseen[~answerable] >= found):.2f}"
    )
    counting = [place for place, weight in enumerate(fitted.weights) if _rounded(weight)]
    names = [list(signs)[place] for place in counting]
    return {
        "intercept": _rounded(fitted.intercept),
        "means": _named(names, fitted.means[counting]),
        "scales": _named(names, fitted.scales[counting]),
        "weights": _named(names, fitted.weights[counting]),
        "found": _rounded(found),
        "related": _rounded(np.quantile(unseen[answerable], 1 - RELATED_SHARE)),
        "near_found": _rounded(np.quantile(near[answerable], 1 - NEAR_FOUND_SHARE[title])),
        "near_related": _rounded(np.quantile(near[answerable], 1 - NEAR_RELATED_SHARE[title])),
    }


def _folds(outcomes: Sequence[Outcome]) -> NDArray[np.intp]:
    """Of each question, its fold: the same for all of an article, unless there is only one."""
    groups = sorted({outcome.question.group for outcome in outcomes})
    if len(groups) == 1:
        return np.arange(len(outcomes)) % _FOLDS
    fold_of = {group: number % _FOLDS for number, group in enumerate(groups)}
    return np.array([fold_of[outcome.question.group] for outcome in outcomes])


def _named(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
    return {name: _rounded(value) for name, value in zip(names, values, strict=True)}


def _rounded(value: float) -> float:
    return round(float(value), 6)


def _hashes(*sets: QuestionSet) -> dict[str, str]:
    return {question_set.name: question_set.sha256 for question_set in sets}


if __name__ == "__main__":
    main()
