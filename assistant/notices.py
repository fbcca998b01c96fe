"""Which fixed words stand above the passages of a reply, most important first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from assistant.evidence.ranked import Ranked
from assistant.evidence.ranking import Evidence
from assistant.language.entities import Entity
from assistant.messages import IN_EMERGENCY, NOTICES, ONLY_ENGLISH, ONLY_ENGLISH_IN
from assistant.safety.cards import card, notice_text, topic_notice
from assistant.safety.cautions import states_dose
from assistant.safety.triage import Triage
from assistant.safety.urgent import card_notices
from assistant.types import AnswerKind, Notice


def notices_for(
    evidence: Evidence,
    kind: AnswerKind,
    found: Triage,
    warned: Mapping[str, bool],
    shown: Sequence[Ranked],
    subjects: Iterable[str],
    region: str,
) -> tuple[Notice, ...]:
    """The notices of a reply that shows the passages `shown`.

    `warned` tells of each high-risk topic whether a passage of the articles warns about it; `subjects` are
    what the articles are about; `region` chooses the numbers to call.
    """
    return (
        *_safety_notices(found, region),
        *_coverage_notices(evidence, kind, subjects),
        *(Notice(f"high_risk:{topic}", topic_notice(topic, warns)) for topic, warns in warned.items()),
        *_kind_notices(evidence, kind),
        *_dose_notices(shown),
    )


def other_language(language: str, found: Triage, region: str) -> tuple[Notice, ...]:
    """The cards that the question calls for all the same, and that only English is understood.

    It is said in the question's language too, if that is known. Without a card it names the emergency numbers.
    """
    shown = card_notices(found, region)
    words = [ONLY_ENGLISH_IN.get(language, ""), ONLY_ENGLISH]
    contacts = () if shown else card("emergency", region).contacts
    if contacts:
        words += [IN_EMERGENCY, *(contact.line for contact in contacts)]
    numbers = tuple((contact.label, contact.number) for contact in contacts)
    return *shown, Notice("only_english", "\n".join(filter(None, words)), contacts=numbers)


def _safety_notices(found: Triage, region: str) -> Iterator[Notice]:
    yield from card_notices(found, region)
    if "personal_decision" in found.outcomes:
        yield Notice("personal_decision", notice_text("personal_decision"))


def _coverage_notices(evidence: Evidence, kind: AnswerKind, subjects: Iterable[str]) -> Iterator[Notice]:
    gate = evidence.query.gate
    if evidence.query.carried:
        yield _notice("about", subjects=_listed(evidence.query.about))
    if kind is AnswerKind.NOT_COVERED or (gate.closed and kind is AnswerKind.URGENT):
        yield _both_notice("not_covered", subjects, gate.uncovered)
    elif gate.mixed:
        yield _both_notice("partly_covered", subjects, gate.uncovered)


def _both_notice(notice_id: str, subjects: Iterable[str], uncovered: Iterable[Entity]) -> Notice:
    """What the articles are about, and what not."""
    names = _listed(sorted(subjects)), _listed(entity.shown for entity in uncovered)
    return _notice(notice_id, subjects=names[0], uncovered=names[1])


def _kind_notices(evidence: Evidence, kind: AnswerKind) -> Iterator[Notice]:
    if kind is AnswerKind.RELATED:
        yield _notice("related")
        if evidence.missing:
            yield _notice("missing", missing=_listed(evidence.missing))
    if kind in (AnswerKind.RELATED, AnswerKind.NOT_FOUND) and evidence.silent and not evidence.missing:
        yield _notice("silent", topics=_listed(evidence.silent))
    if kind is AnswerKind.NOT_FOUND:
        yield _notice("not_found")


def _dose_notices(shown: Sequence[Ranked]) -> Iterator[Notice]:
    if any(states_dose(ranked.passage.text) for ranked in shown):
        yield Notice("states_dose", notice_text("states_dose"))


def _notice(notice_id: str, **blanks: str) -> Notice:
    return Notice(notice_id, NOTICES[notice_id].format(**blanks))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
