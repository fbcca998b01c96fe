"""Which substances a question names, and whether the articles cover them."""

import pytest

from assistant.corpus import read_corpus
from assistant.evidence.coverage import Coverage, readable
from assistant.evidence.wording import wording_of
from assistant.language.conditions import Conditions, conditions_in
from assistant.language.drug_names import names
from assistant.language.entities import canonical_name, find_entities
from assistant.settings import ROOT
from assistant.types import Document, Source, Span

UNKNOWN = Source("unknown", "unknown", "unknown", "unknown", "0" * 64)


@pytest.fixture(scope="module")
def documents():
    return read_corpus(ROOT / "corpus").documents


@pytest.fixture(scope="module")
def coverage(documents):
    return Coverage(documents, wording_of(documents, ()))


def found(text):
    return [(entity.canonical, entity.kind) for entity in find_entities(text)]


def uncovered(gate):
    return [entity.shown for entity in gate.uncovered]


@pytest.mark.parametrize(
    ("text", "canonical", "kind"),
    [
        ("clonazepam", "clonazepam", "drug"),
        ("KLONOPIN", "clonazepam", "drug"),
        ("my Rivotril", "clonazepam", "drug"),
        ("clonazepam2mg", "clonazepam", "drug"),
        ("Klonopin's", "clonazepam", "drug"),
        ("kpins", "clonazepam", "drug"),
        ("a k-pin", "clonazepam", "drug"),
        ("xanax", "alprazolam", "drug"),
        ("xannies", "alprazolam", "drug"),
        ("oxy", "oxycodone", "drug"),
        ("percs", "oxycodone", "drug"),
        ("sodium valproate", "valproic acid", "drug"),
        ("St. John’s wort", "St John's wort", "supplement"),
        ("st johns wort", "St John's wort", "supplement"),
        ("cbd oil", "cannabidiol", "supplement"),
        ("5-HTP", "5-HTP", "supplement"),
        ("vitamin D3", "vitamin D", "supplement"),
        ("benzos", "benzodiazepines", "class"),
        ("an SSRI", "SSRIs", "class"),
        ("beta-blockers", "beta blockers", "class"),
        ("weed", "cannabis", "recreational"),
        ("molly", "MDMA", "recreational"),
        ("alcohol", "alcohol", "topic"),
        ("a few beers", "alcohol", "topic"),
    ],
)
def test_named(text, canonical, kind):
    assert found(text) == [(canonical, kind)]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("clonazapam", "clonazepam"),
        ("clonozepam", "clonazepam"),
        ("klonazepam", "clonazepam"),
        ("clonazepan", "clonazepam"),
        ("clonazpam", "clonazepam"),
        ("colnazepam", "clonazepam"),
        ("klonipin", "clonazepam"),
        ("clonopin", "clonazepam"),
        ("klonopen", "clonazepam"),
        ("rivatril", "clonazepam"),
        ("alprazolan", "alprazolam"),
        ("xannax", "alprazolam"),
        ("tramadal", "tramadol"),
        ("tramdol", "tramadol"),
        ("gabapentine", "gabapentin"),
        ("zolofft", "sertraline"),
        ("prozak", "fluoxetine"),
        ("ibuprophen", "ibuprofen"),
        ("magnesuim", "magnesium"),
        ("benzodiazapenes", "benzodiazepines"),
    ],
)
def test_misspelt(text, canonical):
    assert [name for name, _ in found(f"can i take {text} now")] == [canonical]


@pytest.mark.parametrize(
    "name",
    [
        "clonidine", "clobazam", "lorazepam", "clozapine", "clorazepate", "clomipramine", "clonixin",
        "oxazepam", "nitrazepam", "diazepam", "diltiazem", "hydroxyzine", "hydralazine", "tramadol",
        "trazodone", "lamotrigine", "lamivudine", "prednisone", "prednisolone", "fluoxetine", "duloxetine",
        "paroxetine", "bupropion", "buspirone", "quetiapine", "olanzapine", "risperidone", "ropinirole",
        "chlorpromazine", "chlorpropamide", "carbamazepine", "oxcarbazepine", "metformin", "metronidazole",
    ],
)  # fmt: skip
def test_look_alikes_are_themselves(name):
    assert [canonical for canonical, _ in found(name)] == [name]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("lorazapam", "lorazepam"),
        ("clonodine", "clonidine"),
        ("clobazem", "clobazam"),
        ("clozapin", "clozapine"),
    ],
)
def test_misspelt_look_alike_is_not_clonazepam(text, canonical):
    assert [name for name, _ in found(text)] == [canonical]


@pytest.mark.parametrize("text", ["clobazepam", "clonipine", "lonazepam", "clonazepine"])
def test_between_two_medicines_is_neither(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "it gas water sugar pain her iron",
        "what does it do to serotonin, dopamine, GABA and cortisol",
        "my head hurts and I feel sick",
        "is it going to rain in leeds tomorrow",
        "how do I play a sonata",
        "value valve vacuum values",
        "Walgreens on Main Street",
        "\u200b🙂 ???",
        "form from farm firm",
    ],
)
def test_no_substance(text):
    assert found(text) == []


def test_places_and_names_as_written():
    text = "Is XANAX stronger than klonopin?"
    xanax, klonopin = find_entities(text)
    assert (xanax.name, xanax.span, xanax.shown) == ("XANAX", Span(3, 8), "alprazolam (Xanax)")
    assert text[klonopin.span.start : klonopin.span.end] == klonopin.name == "klonopin"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("alprazolam", "alprazolam"),
        ("xannax", "alprazolam (Xanax)"),
        ("xannies", "alprazolam (Xanax)"),
        ("paracetamol", "acetaminophen (paracetamol)"),
        ("gabapentine", "gabapentin"),
        ("depakoat", "valproic acid (Depakote)"),
        ("weed", "cannabis (weed)"),
        ("opiates", "opioids"),
    ],
)
def test_shown(text, shown):
    assert [entity.shown for entity in find_entities(text)] == [shown]


def test_words_of_the_articles_are_not_misspelt():
    assert found("tramadal") == [("tramadol", "drug")]
    assert find_entities("tramadal", frozenset({"tramadal"})) == ()


@pytest.mark.parametrize(
    ("name", "canonical"),
    [("Klonopin", "clonazepam"), ("Type 2 diabetes", "type 2 diabetes"), ("benzos", "benzodiazepines")],
)
def test_canonical_name(name, canonical):
    assert canonical_name(name) == canonical


def test_table_is_consistent():
    canonicals = {name.canonical for name in names().exact.values()}
    assert not set().union(*names().members.values(), names().look_alikes) - canonicals


@pytest.mark.parametrize(
    ("question", "covered", "others", "mixed", "closed"),
    [
        ("what is clonazepam for", ("clonazepam",), [], False, False),
        ("is Klonopin addictive", ("clonazepam",), [], False, False),
        ("how does it work", (), [], False, False),
        ("side effects of xanax", (), ["alprazolam (Xanax)"], False, True),
        ("tramadol dose", (), ["tramadol"], False, True),
        ("wat is lorazapam for", (), ["lorazepam"], False, True),
        ("are opioids addictive", (), ["opioids"], False, True),
        ("can I take gabapentin with clonazepam", ("clonazepam",), ["gabapentin"], True, False),
        ("clonazepam, clonidine, clonidine", ("clonazepam",), ["clonidine"], True, False),
        ("are benzos dangerous", (), [], False, False),
        ("is Xanax a benzo", (), ["alprazolam (Xanax)"], False, True),
        ("can I drink alcohol on clonazepam", ("clonazepam",), [], False, False),
        ("is clonazepam an SSRI antidepressant", ("clonazepam",), [], False, False),
        ("is it a type of opioid", (), [], False, False),
        ("can it be taken with antihistamines", (), ["antihistamines"], True, False),
        ("is weed safe", (), ["cannabis (weed)"], False, True),
    ],
)
def test_gate(coverage, question, covered, others, mixed, closed):
    gate = coverage.gate(question)
    assert (gate.covered, uncovered(gate), gate.mixed, gate.closed) == (covered, others, mixed, closed)


def test_gate_tells_what_is_said_in_passing(coverage):
    assert coverage.gate("benzos and booze with klonopin").mentioned == ("benzodiazepines",)
    assert coverage.gate("benzos and booze with klonopin").topics == ("alcohol",)
    assert coverage.gate("benzos and booze with klonopin").doc_ids == ("clonazepam-2mg",)


def test_skipped_caption_is_not_mentioned(coverage):
    assert coverage.subjects == {"clonazepam"}
    assert "tramadol" not in coverage.mentioned
    assert "benzodiazepines" in coverage.mentioned


def test_subjects_that_are_no_medicines():
    about = Document(
        "d", "Living with diabetes", "Some take metformin.", UNKNOWN, ("Type 2 diabetes", "diabetes")
    )
    gate = Coverage([about], wording_of([about], ())).gate(
        "Is metformin for type 2 diabetes better than Ozempic?"
    )
    assert gate.covered == ("type 2 diabetes",)
    assert gate.mentioned == ("metformin",)
    assert uncovered(gate) == ["semaglutide (Ozempic)"]


def test_skipped_spans_are_not_read():
    document = Document("d", "Title", "Xanax. Panic.", UNKNOWN, ("a",), (Span(0, 6),))
    assert readable(document) == "Title\n\n Panic."


@pytest.mark.parametrize(
    ("question", "foreign"),
    [
        ("what are the symptoms of type 2 diabetes", ["diabetes"]),
        ("my inhaler ran out, is it my asthma", ["asthma"]),
        ("does it help with epilepsy, panic attacks or depression", []),
        ("why do I feel tired", []),
        ("gout or shingles", ["gout", "shingles"]),
    ],
)
def test_foreign_conditions(documents, question, foreign):
    conditions = Conditions(conditions_in(map(readable, documents)))
    assert [entity.canonical for entity in conditions.foreign(question)] == foreign
