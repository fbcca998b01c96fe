"""The fixed words of the safety layer and whom to call, from `cards.toml` beside this file.

Needs no index, no model and nothing but the standard library.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CARDS_FILE = Path(__file__).resolve().parent / "cards.toml"
CARD_IDS = ("crisis", "poisoning", "emergency")
NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call, and the number as it is written there; empty where only the reader can know it."""

    label: str
    number: str

    @property
    def tel(self) -> str:
        """The number for a `tel:` link: digits, and a plus if it has one. Empty without a number."""
        return "".join(character for character in self.number if character in "+0123456789")

    @property
    def line(self) -> str:
        """The contact as one line of text."""
        return f"{self.label}: {self.number}" if self.number else self.label


@dataclass(frozen=True, slots=True)
class Card:
    """An urgent card. The most urgent contact is first."""

    id: str
    heading: str
    text: str
    contacts: tuple[Contact, ...]

    @property
    def plain(self) -> str:
        """The whole card as text: the heading, the words, then one line per contact."""
        return "\n".join((self.heading, self.text, *(contact.line for contact in self.contacts)))


def card(card_id: str, region: str) -> Card:
    """The card of `CARD_IDS` with the contacts of `region`, neutral ones if the region is not known.

    Crisis follows the 988 Lifeline, Samaritans and WHO; poisoning US Poison Help and NHS 111;
    emergency NHS 999. Raises `KeyError` for another card.
    """
    words = _file()["card"][card_id]
    return Card(card_id, words["heading"], words["text"], _contacts(card_id, region))


def cards(card_ids: Iterable[str], region: str) -> tuple[Card, ...]:
    """Several cards in that order. Whom an earlier card names, a later one does not name again."""
    shown: list[Card] = []
    for card_id in card_ids:
        named = {contact for above in shown for contact in above.contacts}
        whole = card(card_id, region)
        contacts = tuple(contact for contact in whole.contacts if contact not in named)
        shown.append(replace(whole, contacts=contacts))
    return tuple(shown)


def notice_text(notice_id: str) -> str:
    """`personal_decision` (NHS and WHO: ask who knows the person), `states_dose` or `emergency_passages`.

    Raises `KeyError` for another notice.
    """
    return str(_file()["notice"][notice_id])


def topic_notice(topic: str, shown: bool) -> str:
    """What to say on a high-risk topic, `shown` if the article's own warning stands below it.

    Stopping, alcohol and opioids follow the FDA boxed warning for benzodiazepines 2020; pregnancy and
    children NHS and WHO; driving FDA medication guides and NHS. Raises `KeyError` for another topic.
    """
    return str(_file()["high_risk"][topic]["shown" if shown else "silent"])


def _contacts(card_id: str, region: str) -> tuple[Contact, ...]:
    wanted = region.strip().upper()
    wanted = _file()["same_region"].get(wanted, wanted)
    known = {contact["region"].upper(): contact["region"] for contact in _file()["contact"]}
    return tuple(
        Contact(contact["label"], contact["number"])
        for contact in _file()["contact"]
        if contact["region"] == known.get(wanted, NEUTRAL) and card_id in contact["cards"]
    )


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    return tomllib.loads(CARDS_FILE.read_text(encoding="utf-8"))
