"""The contrast of every pair of colours that meet on the page, by the formula of WCAG 2.2."""

import re
from collections.abc import Mapping

import pytest

from assistant.settings import ROOT

STYLE = (ROOT / "assistant" / "web" / "style.css").read_text(encoding="utf-8")
TEXT, SHAPE = 4.5, 3.0
PAPERS = ("paper", "card")
PAIRS = [
    *((ink, paper, TEXT) for ink in ("ink", "quiet", "accent", "near", "alarm") for paper in PAPERS),
    *(("ink", paper, TEXT) for paper in ("tint", "glow", "pale-glow", "alarm-paper")),
    ("accent", "tint", TEXT),
    ("on-accent", "accent", TEXT),
    ("alarm", "alarm-paper", TEXT),
    *((edge, paper, SHAPE) for edge in ("edge", "accent", "alarm", "near", "quiet") for paper in PAPERS),
]


def colours(selector: str) -> Mapping[str, str]:
    block = re.search(rf"^{re.escape(selector)} \{{(.*?)^\}}", STYLE, re.DOTALL | re.MULTILINE)
    assert block
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, from 0 to 1 (WCAG 2.2, "relative luminance")."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula() -> None:
    assert contrast("#ffffff", "#000000") == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("scheme", [":root", ".dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_what_meets_can_be_told_apart(scheme: str, front: str, back: str, least: float) -> None:
    of = colours(scheme)
    assert contrast(of[front], of[back]) >= least, f"{scheme}: {front} on {back}"
