"""An engine of arithmetic: a passage's probability is the cosine of its known words and the question's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.corpus import Corpus
from assistant.questions import clean_question
from assistant.splitter import split
from assistant.types import AnswerKind, Passage
from evaluation.interface import Reply
from evaluation.judgements import Entry
from tests.evaluation.builders import Candidate, passage
from tests.fakes import WordEncoder


@dataclass(frozen=True)
class WordResponder:
    passages: Sequence[Passage]
    encoder: WordEncoder
    found: float
    build_id: str = "words"

    def reply(self, question: str, history: Sequence[str]) -> Reply:
        [query] = self.encoder.encode_queries([clean_question(" ".join([*history, question]))])
        scores = self.encoder.encode_passages([each.text for each in self.passages]) @ query
        rows = sorted(range(len(self.passages)), key=lambda row: -scores[row])
        ranked = [
            Candidate(self.passages[row], float(scores[row]), self.passages[row].sentences[0]) for row in rows
        ]
        kind = AnswerKind.FOUND if ranked[0].score >= self.found else AnswerKind.NOT_FOUND
        return Reply(ranked, min(ranked[0].score, 1.0), kind, {"cosine": ranked[0].score, "asked": question})


@dataclass(frozen=True)
class WordEngine:
    encoder: WordEncoder
    found: float = 0.5

    @property
    def facts(self) -> Mapping[str, object]:
        return {"version": "1", "encoder": {"name": "words"}, "settings": {"found": self.found}}

    def over_corpus(self, corpus: Corpus) -> WordResponder:
        passages = [each for document in corpus.documents for each in split(document, lambda *_: True)]
        return WordResponder(passages, self.encoder, self.found)

    def over_entries(self, entries: Sequence[Entry]) -> WordResponder:
        return WordResponder([passage(each.doc_id, each.text) for each in entries], self.encoder, self.found)
