"""An article's own warning on a high-risk topic comes first, whatever else ranked first."""

from collections.abc import Mapping, Sequence

from assistant.evidence.ranked import Ranked
from assistant.safety.cautions import warns_about

_LOOKED_AT = 40
"""So many of the best passages are read for warnings; an article of ordinary length has fewer."""


def warnings_among(ranked: Sequence[Ranked], topics: Sequence[str]) -> Mapping[str, Ranked | None]:
    """For each topic the best passage that warns about it, or None if the articles are silent."""
    return {
        topic: next((one for one in ranked[:_LOOKED_AT] if warns_about(one.passage.text, topic)), None)
        for topic in topics
    }


def pinned_first(
    ranked: Sequence[Ranked], warnings: Mapping[str, Ranked | None], top_k: int
) -> tuple[Ranked, ...]:
    """The warnings, each once, then the best other passages: `top_k` in all, or all warnings if they are more."""
    pinned = list(dict.fromkeys(warning for warning in warnings.values() if warning))
    others = [one for one in ranked if one not in pinned]
    return (*pinned, *others[: max(0, top_k - len(pinned))])
