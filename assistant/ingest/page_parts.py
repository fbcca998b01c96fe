"""Which parts of a web page are the article, and which are the page around it."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

_TAGS = (
    "script style template noscript head meta link title svg canvas audio video iframe object embed map "
    "datalist img picture source track math"
)
UNSEEN = frozenset(_TAGS.split())
_BY_TAG = {
    "nav": "menu",
    "footer": "footer",
    "aside": "beside the article",
    "form": "form",
    "button": "button",
    "select": "form",
    "textarea": "form",
    "dialog": "dialog",
    "menu": "menu",
    "figcaption": "caption",
    "s": "struck out",
    "strike": "struck out",
    "del": "struck out",
}
_BY_ROLE = {
    "navigation": "menu",
    "menu": "menu",
    "menubar": "menu",
    "banner": "page header",
    "contentinfo": "footer",
    "search": "form",
    "complementary": "beside the article",
    "dialog": "dialog",
    "alertdialog": "dialog",
}
_BEFORE = r"(?:site|main|page|top|global|header|social|post|wp|primary|secondary)"
_NAMES = (
    (r"nav|navbar|navigation|menu|topbar|breadcrumbs?|pagination|pager|skip-link|toc", "menu"),
    (
        r"cookies?|consent|cookie-?consent|cookie-?law|cc-window|onetrust[\w-]*|gdpr|newsletter|subscribe|"
        r"subscription|popup|modal",
        "banner",
    ),
    (r"share|sharing|social|social-links|share-buttons", "sharing"),
    (r"ad|ads|advert|advertisement|advertising|sponsored|promo", "advertisement"),
    (r"sidebar|widget|related|related-posts|related-articles|recommended|comments|comment-list", "beside it"),
    (r"footer|copyright|colophon", "footer"),
    (r"caption|wp-caption-text|image-caption|photo-credit|image-credit", "caption"),
)
_AFTER = r"(?:bar|list|links|wrapper|container|section|box|area|items?|notice|banner|buttons?)"
_BY_NAME = [(re.compile(rf"(?:{_BEFORE}[-_])*(?:{names})(?:[-_]{_AFTER})*"), kind) for names, kind in _NAMES]
_MOST_OF_PAGE = 0.4
_SCOPE_LEAST = 0.4


def words_of(node: LexborNode) -> int:
    """How many words stand in a node, whether seen or not."""
    return len(node.text(deep=True, separator=" ").split())


class PageParts:
    """Tells for each element of one page whether it is dropped, and as what."""

    def __init__(self, page: LexborHTMLParser) -> None:
        self._words = words_of(page.body) if page.body else 0
        self._scope = self._article(page)
        self._above: set[int] = set()
        node = self._scope
        while node is not None:
            self._above.add(node.mem_id)
            node = node.parent

    def dropped_as(self, node: LexborNode, in_scope: bool) -> str:
        """A word for people that says what is dropped; empty if the element is read."""
        tag, attributes = node.tag or "", node.attributes
        if tag in _BY_TAG:
            return _BY_TAG[tag]
        if self._scope is not None and not in_scope and node.mem_id not in self._above:
            return "around the article"
        if tag == "header" and not in_scope:
            return self._unless_large(node, "page header")
        if "hidden" in attributes or _is_hidden(attributes):
            return "hidden"
        if kind := _BY_ROLE.get((attributes.get("role") or "").lower(), ""):
            return self._unless_large(node, kind)
        return self._by_name(node, attributes)

    def is_scope(self, node: LexborNode) -> bool:
        """Whether this is the element that holds the article."""
        return self._scope is not None and node.mem_id == self._scope.mem_id

    def _article(self, page: LexborHTMLParser) -> LexborNode | None:
        """The page's one <main> or <article>, if enough of the page's words stand in it."""
        for selector in ("article", "main", "[role=main]"):
            found = page.css(selector)
            if len(found) == 1 and words_of(found[0]) >= _SCOPE_LEAST * self._words:
                return found[0]
        return None

    def _by_name(self, node: LexborNode, attributes: dict[str, str | None]) -> str:
        names = [*(attributes.get("class") or "").split(), attributes.get("id") or ""]
        for name in names:
            for pattern, kind in _BY_NAME:
                if pattern.fullmatch(name.lower()):
                    return self._unless_large(node, kind)
        return ""

    def _unless_large(self, node: LexborNode, kind: str) -> str:
        # A class on a wrapper, as `has-sidebar` or `page-footer`, must not take the article with it.
        if node.tag in ("html", "body") or words_of(node) > _MOST_OF_PAGE * self._words:
            return ""
        return kind


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    style = re.sub(r"\s", "", attributes.get("style") or "").lower()
    hidden = "display:none" in style or "visibility:hidden" in style
    return hidden or (attributes.get("aria-hidden") or "").lower() == "true"
