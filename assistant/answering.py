"""The one engine: a question in, an answer in the articles' own words out."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from assistant.corpus_files import SOURCES, files_sha256
from assistant.encoder import Encoder, is_exact, open_encoder, places_of
from assistant.errors import CorpusError, IndexDamagedError, IndexStaleError, SearchUnavailableError
from assistant.evidence.explaining import explanation
from assistant.evidence.judging import judge
from assistant.evidence.pinning import pinned_first, warnings_among
from assistant.evidence.ranked import Ranked
from assistant.evidence.ranking import Blend, Evidence, Ranker
from assistant.evidence.reading import is_any_read
from assistant.index import PassageIndex
from assistant.language.foreign import foreign_language
from assistant.notices import notices_for, other_language
from assistant.questions import clean_question
from assistant.reader import open_reader, reader_revision, shipped_reader
from assistant.safety.second_look import second_look
from assistant.safety.triage import triage
from assistant.safety.urgent import card_notices, urgent_answer
from assistant.settings import TUNED_ENCODER, Settings, read_settings
from assistant.storage.opening import is_rolled_back
from assistant.types import Answer, AnswerKind, Hit

_SHOWN = (AnswerKind.FOUND, AnswerKind.RELATED)


class Assistant:
    """Answers questions from one index generation."""

    def __init__(
        self,
        index: PassageIndex,
        encoder: Encoder,
        top_k: int = 3,
        region: str = "neutral",
        blend: Blend | None = None,
        reader: bool = True,
    ) -> None:
        """`top_k`: most passages shown; `region`: whose emergency numbers are shown; `reader`: as in the settings."""
        index.refuse_other_models(encoder, reader_revision(encoder, reader))
        self._index = index
        self._ranker = Ranker(index, encoder, blend, open_reader(encoder, reader and is_any_read(index)))
        self._top_k = top_k
        self._region = region

    @classmethod
    def open(cls, index_dir: Path | str | None = None, settings: Settings | None = None) -> "Assistant":
        """Opens the index in `index_dir`, or the default index, which must also match the corpus.

        Raises `IndexMissingError`, `IndexDamagedError`, `IndexStaleError`, `EncoderError` or `ReaderError`.
        """
        settings = settings or read_settings()
        folder = Path(index_dir) if index_dir else settings.index_dir
        places = places_of(settings.but(index_dir=folder))
        # Side by side: what verifies and loads the models leaves Python free for the index.
        with ThreadPoolExecutor(3) as pool:
            pool.submit(second_look)
            encoder = pool.submit(open_encoder, settings.encoder, places, is_exact(settings))
            index = PassageIndex.open(folder, settings.searched_by)
            if settings.reader and settings.encoder == TUNED_ENCODER and is_any_read(index):
                pool.submit(shipped_reader)
            if index_dir is None and not is_rolled_back(settings.index_dir):
                _refuse_other_corpus(index, settings.corpus_dir)
        return cls(index, encoder.result(), settings.top_k, settings.region, reader=settings.reader)

    @property
    def build_id(self) -> str:
        """The generation every answer comes from."""
        return self._index.build_id

    @property
    def index(self) -> PassageIndex:
        """The one generation that is asked."""
        return self._index

    @property
    def examples(self) -> tuple[str, ...]:
        """Questions that the articles are known to answer."""
        return tuple(question for record in self._index.documents.values() for question in record.examples)

    def ask(self, question: str, about: Sequence[str] = ()) -> Answer:
        """The answer to one question of 1 to 1,000 characters. Raises `QuestionError`, or `SearchUnavailableError`
        where a server searches, which keeps no emergency card back.

        `about` is `Answer.about` of the question before: a follow-up that names no subject keeps it.
        """
        question = clean_question(question)
        found = triage(question)
        language = foreign_language(question)
        if language is not None:
            kind = AnswerKind.URGENT if found.urgent else AnswerKind.NOT_FOUND
            return Answer(question, kind, other_language(language, found, self._region), about=tuple(about))
        if urgent := urgent_answer(question, found, self._region):
            return urgent
        try:
            evidence = self.evidence(question, about)
        except (SearchUnavailableError, IndexDamagedError):
            if not found.urgent:
                raise
            # Whom to call does not wait for the articles.
            return Answer(question, AnswerKind.URGENT, card_notices(found, self._region), about=tuple(about))
        judgement = judge(evidence)
        warnings = {} if evidence.query.gate.closed else warnings_among(evidence.ranked, found.topics)
        kind, shown = self._shown(evidence, judgement.kind, warnings)
        if found.urgent:
            kind = AnswerKind.URGENT
        warned = {topic: warning is not None for topic, warning in warnings.items()}
        subjects = self._ranker.queries.subjects
        return Answer(
            question,
            kind,
            notices_for(evidence, kind, found, warned, shown, subjects, self._region),
            tuple(self._hit(ranked, rank) for rank, ranked in enumerate(shown, start=1)),
            self.build_id,
            evidence.query.about,
            lambda: {**explanation(evidence, judgement), "rules": list(found.rule_ids)},
        )

    def _shown(
        self, evidence: Evidence, kind: AnswerKind, warnings: Mapping[str, Ranked | None]
    ) -> tuple[AnswerKind, tuple[Ranked, ...]]:
        """The passages shown. A warning is shown even where nothing answers, and then as related."""
        if kind in _SHOWN:
            return kind, pinned_first(evidence.ranked, warnings, self._top_k)
        pinned = pinned_first((), warnings, self._top_k)
        return (AnswerKind.RELATED if pinned else kind), pinned

    def ask_many(self, questions: Iterable[str]) -> list[Answer]:
        """The answers to several questions, each the same as if asked alone."""
        return [self.ask(question) for question in questions]

    def evidence(self, question: str, about: Sequence[str] = ()) -> Evidence:
        """Every candidate passage for a question, best first, for scripts that measure."""
        return self._ranker.rank(self._ranker.queries.read(question, about))

    def _hit(self, ranked: Ranked, rank: int) -> Hit:
        document = self._index.documents[ranked.passage.doc_id]
        return Hit(ranked.passage, document.title, document.source, ranked.score, rank, ranked.highlight)


def _refuse_other_corpus(index: PassageIndex, corpus_dir: Path) -> None:
    """A copied index serves without its corpus; where the corpus is present it must be the same."""
    if not (corpus_dir / SOURCES).exists():
        return
    try:
        if index.manifest and index.manifest.corpus_files == files_sha256(corpus_dir):
            return
        # Late: what reads articles is not needed to answer from them.
        from assistant.corpus import read_corpus

        corpus = read_corpus(corpus_dir)
    except CorpusError as error:
        raise IndexStaleError(str(error)) from error
    index.refuse_other_corpus(corpus.sha256)
