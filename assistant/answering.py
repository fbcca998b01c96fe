"""The one engine: a question in, an answer in the articles' own words out."""

from collections.abc import Iterable
from pathlib import Path

from assistant.corpus import SOURCES, read_corpus
from assistant.encoder import Encoder, open_encoder
from assistant.errors import CorpusError, IndexStaleError
from assistant.index import Candidate, PassageIndex
from assistant.messages import NOTICES
from assistant.questions import clean_question
from assistant.settings import Settings, read_settings
from assistant.types import Answer, AnswerKind, Hit, Notice

_CANDIDATES = 50
_FOUND = 0.45
_RELATED = 0.25


class Assistant:
    """Answers questions from one index generation."""

    def __init__(self, index: PassageIndex, encoder: Encoder, top_k: int = 3) -> None:
        index.refuse_other_encoder(encoder)
        self._index = index
        self._encoder = encoder
        self._top_k = top_k

    @classmethod
    def open(cls, index_dir: Path | str | None = None, settings: Settings | None = None) -> "Assistant":
        """Opens the index in `index_dir`, or the default index, which must also match the corpus.

        Raises `IndexMissingError`, `IndexDamagedError`, `IndexStaleError` or `EncoderError`.
        """
        settings = settings or read_settings()
        index = PassageIndex.open(Path(index_dir) if index_dir else settings.index_dir)
        if index_dir is None:
            _refuse_other_corpus(index, settings.corpus_dir)
        return cls(index, open_encoder(settings.encoder), settings.top_k)

    @property
    def build_id(self) -> str:
        """The generation every answer comes from."""
        return self._index.manifest.build_id

    @property
    def examples(self) -> tuple[str, ...]:
        """Questions that the articles are known to answer."""
        return tuple(question for record in self._index.documents.values() for question in record.examples)

    def ask(self, question: str) -> Answer:
        """The answer to one question of 1 to 1,000 characters. Raises `QuestionError`."""
        question = clean_question(question)
        [query_vector] = self._encoder.encode_queries([question])
        candidates = self._index.search(query_vector, _CANDIDATES)
        ranked = sorted(candidates, key=lambda candidate: -_score(candidate))[: self._top_k]
        kind = _kind(_score(ranked[0]))
        hits = () if kind is AnswerKind.NOT_FOUND else tuple(map(self._hit, ranked, range(1, len(ranked) + 1)))
        return Answer(question, kind, _notices(kind), hits, self.build_id)

    def ask_many(self, questions: Iterable[str]) -> list[Answer]:
        """The answers to several questions, each the same as if asked alone."""
        return [self.ask(question) for question in questions]

    def _hit(self, candidate: Candidate, rank: int) -> Hit:
        passage = candidate.passage
        document = self._index.documents[passage.doc_id]
        highlight = passage.sentences[candidate.best_sentence]
        return Hit(passage, document.title, document.source, _score(candidate), rank, highlight)


def _score(candidate: Candidate) -> float:
    return (candidate.dense + max(candidate.sentences)) / 2


def _kind(best_score: float) -> AnswerKind:
    if best_score >= _FOUND:
        return AnswerKind.FOUND
    return AnswerKind.RELATED if best_score >= _RELATED else AnswerKind.NOT_FOUND


def _notices(kind: AnswerKind) -> tuple[Notice, ...]:
    notice_id = kind.value.lower()
    return (Notice(notice_id, NOTICES[notice_id]),) if notice_id in NOTICES else ()


def _refuse_other_corpus(index: PassageIndex, corpus_dir: Path) -> None:
    """A copied index serves without its corpus; where the corpus is present it must be the same."""
    if not (corpus_dir / SOURCES).exists():
        return
    try:
        corpus = read_corpus(corpus_dir)
    except CorpusError as error:
        raise IndexStaleError(str(error)) from error
    index.refuse_other_corpus(corpus.sha256)
