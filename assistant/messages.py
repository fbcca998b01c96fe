"""Every sentence the product says to a person about an answer, in its own voice.

Nothing here is health information. Passages come from the articles; all other words in a reply come
from this file, and none of them is put together at run time except by filling a named blank.
"""

DISCLAIMER = (
    "These are word-for-word extracts from published articles, for general information only. "
    "They are not medical advice and may not apply to you. Do not start, stop or change a medicine "
    "because of them: ask your doctor or pharmacist. In an emergency, call your local emergency number."
)

TITLE = "Ask the articles"
INTRODUCTION = "Type a question. You get the articles' own words, never anything made up."

FOUND_INTRODUCTION = "The articles say:"

NOTICES = {
    "not_covered": "These articles are about {subjects}. They do not cover {uncovered}.",
    "partly_covered": (
        "These articles are about {subjects}. They do not cover {uncovered}: "
        "what follows is only about {subjects}."
    ),
    "about": "About: {subjects} (kept from your question before)",
    "missing": "Nothing here mentions: {missing}.",
    "silent": "As far as this assistant can tell, the articles say nothing about: {topics}.",
    "related": "The articles do not seem to answer this. The closest passages:",
    "not_found": (
        "These articles do not answer that. Try other words, or ask a doctor, pharmacist or nurse."
    ),
}

UNKNOWN = "not stated"
"""Shown wherever the publisher, link, licence or review date of an article is unknown."""

KIND_LABELS = {
    "FOUND": "Found in the articles",
    "RELATED": "Closest passages, not an answer",
    "NOT_COVERED": "Not covered by these articles",
    "NOT_FOUND": "No answer in these articles",
    "URGENT": "Get help now",
}
"""One per `AnswerKind`: says in words what the colour of a reply says."""

WEB = {
    "question_label": "Your question",
    "question_placeholder": "Type your question here",
    "send": "Ask",
    "clear": "Clear conversation",
    "examples": "Questions these articles answer",
    "transcript": "Conversation",
    "you_asked": "You asked",
    "busy": "Looking in the articles…",
    "best": "The sentence closest to your question is highlighted.",
    "publisher": "Publisher",
    "link": "Link",
    "licence": "Licence",
    "reviewed": "Reviewed",
    "broken": "Something went wrong on our side and your question was not answered. Please ask it again.",
    "address": "Open {address} in a browser. Stop with Ctrl+C.",
    "port_taken": (
        "Cannot listen on {host} port {port}: {reason}. Set ASSISTANT_PORT to a free port and start again."
    ),
}
"""The words on the web page around the replies."""

SERVER = {
    "api": (
        "Ask trusted articles a question and get their own words, word for word. Every reply carries the "
        "disclaimer: show it. Nothing in a reply is generated."
    ),
    "busy": "Many people are asking at this moment. Please ask again in a few seconds.",
    "unavailable": (
        "The articles cannot be searched at the moment. Please try again later, or ask a doctor, "
        "pharmacist or nurse."
    ),
    "broken": "Something went wrong on our side. Please try again.",
    "invalid": (
        'Send JSON such as {"question": "What is it used for?"}: a question of 1 to 1,000 characters '
        "and nothing else."
    ),
    "no_passage": "There is no passage with this id in the index that is served.",
    "not_found": "There is nothing at this address.",
    "method": "This address cannot be used in this way.",
    "too_large": "This is too large to be read.",
    "length_required": "The length of what is sent must be said.",
    "host": "This server does not answer to this name. Its operator can name it in ASSISTANT_TRUSTED_HOSTS.",
    "not_ready": "Only the emergency cards are served.",
}
"""What the server itself says, to browsers and programs alike."""

SERVER_TITLES = {
    "busy": "Busy",
    "unavailable": "Not available",
    "broken": "Our mistake",
    "invalid": "Not understood",
    "question": "This cannot be asked",
    "no_passage": "No such passage",
    "not_found": "Not found",
    "method": "Not in this way",
    "not_ready": "Not ready",
}
"""The title of each problem that the API can reply with."""
