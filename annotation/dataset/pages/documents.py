"""Write the pages that answer a reviewer: PROTOCOL.md, DATASHEET.md, LEAKAGE.md and CHANGELOG.md."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from annotation.dataset.contents.aggregates import WHICH_COUNT
from annotation.dataset.contents.leakage import Leaks
from annotation.dataset.contents.planted import PLANTED, PLANTED_AMONG, PRECISION, RECALL
from annotation.dataset.contents.statements import stated
from annotation.dataset.contents.tally import Tally
from annotation.dataset.format.facts import CampaignProtocol, EmbeddingFigures, ReleaseFacts, path_of_rubric
from annotation.dataset.read.diff import Difference
from annotation.images.likeness import HASH_ALONE, REACH, SURE, UNSURE
from annotation.rubric.schema import Attribute, Rubric, Scale

from . import exclusions as left_out
from . import terms
from .markdown import table

NEAR_PAIRS = {
    "sure": "the same, by measure",
    "same": "the same, by a person",
    "undecided": "undecided, and therefore kept together",
    "different": "different, by a person",
}
ARMS = {
    "blind": "the rater saw no model at all",
    "reveal": "the rater stored an own answer, then saw the model's, then kept or revised",
    "assisted": "the model's answer stood in the form from the start",
}
RULES = (("spread", "scores of an attribute lay {spread} apart or more"), ("category", "no subcategory had a majority"),
         ("flag", "a rater set the image aside"))  # fmt: skip


def protocol(facts: ReleaseFacts, rubric: Rubric, tally: Tally) -> str:
    """Return PROTOCOL.md: who was asked what, in which order, with what in sight, and how scores came about."""
    campaign = facts.protocol
    attributes = (_attribute(attribute, rubric.scale) for attribute in rubric.attributes)
    shares = ((arm, f"{campaign.shares.get(arm, 0)} %", str(tally.arms[arm]), ARMS[arm]) for arm in ARMS)
    spread = campaign.case_spread
    rules = [f"{name}: {words.format(spread=spread)}" for name, words in RULES if name != "spread" or spread]
    return _page(
        f"# Protocol of {facts.title} {facts.version}",
        "## What was asked",
        f"Rubric {facts.rubric_name} ({rubric.title['en']}), in full in `rubric.json`. Scores run from "
        f"{rubric.scale.accepted}. Attributes in the order they are asked:",
        table(("Attribute", "Weight", "Definition", "Anchors"), attributes),
        *_versions(facts, tally),
        "## Who answered",
        f"{_raters(tally)} Each image was to get {facts.answers_per_image} answers, nobody twice except for hidden "
        f"repeats ({campaign.repeat_share} % of the images, after {campaign.repeat_gap_days} days or "
        "more).",
        *(stated(facts.statements, key) for key in ("recruitment", "payment", "ethics_review")),
        *_several(facts),
        f"What raters consented to (version {campaign.consent_version}):\n\n> "
        + (" ".join(campaign.consent_text.split()) or "no consent was asked for in the application"),
        "## What they saw, and in which order",
        "Each rater got the images in a random order of their own. The arm was drawn at random by "
        f"{campaign.arms_by} and stored before the image was shown:",
        table(("Arm", "Share", "First answers here", "What it means"), shares),
        f"Models shown: {_named(sorted(tally.models))}. Before an answer is stored, the server sends no "
        "part of the model's to raters in the arms blind and reveal.",
        *_imported(tally),
        "## How disagreement was handled",
        f"A case is opened when {'; '.join(rules)}. It is adjudicated by an adjudicator who did not rate the image "
        "and sees the first answers without names. What is adjudicated stands in `consensus`, with cause and reason, "
        f"and never replaces an answer. {tally.adjudicated} images have a consensus; causes: {_listed(tally.causes)}.",
        "## How the scores came about",
        f"Into the means go {WHICH_COUNT}. Means have two decimals; the standard error is the sample standard "
        "deviation over the root of n. An answer's holistic score is the sum of its attributes by weight. `gt_score` "
        "is the mean of the raters' holistic scores, in which an adjudicated attribute has its consensus score.",
        "## Images left out",
        *left_out.section(facts),
        *_planned(campaign.analysis_plan),
        "## What can be checked",
        f"`event_head` in `release.json` ({facts.event_head}) is the newest event of the log when this release was "
        "cut: the log can neither be changed nor cut shorter without this showing.",
    )


def _raters(tally: Tally) -> str:
    """Say how many raters answered here, and how many are only named by imported answers."""
    own = (
        f"{len(tally.own_raters)} raters answered here, {len(tally.simulated_raters)} of them simulated by a program; "
        f"answers of {len(tally.counted_raters)} enter the means."
    )
    elsewhere = (
        f" {tally.answers['imported']} further answers, in the name of {len(tally.imported_raters)} raters, were "
        "collected elsewhere and imported; how is not known to the application."
    )
    return own + (elsewhere if tally.imported_raters else "")


def _imported(tally: Tally) -> list[str]:
    """Return what was declared of imported answers, where there are any."""
    if not tally.imported_raters:
        return []
    rows = [(arm.replace("unknown", "none declared"), str(n)) for arm, n in sorted(tally.imported_arms.items()) if n]
    return [
        "Imported answers were given elsewhere. Their arms were declared with them, not drawn here, what was in sight "
        "there is not known, and none of them enters a mean:",
        table(("Arm, declared, not drawn here", "First answers imported"), rows),
        f"Models proposed with them, as declared: {_named(sorted(tally.imported_models))}.",
    ]


def _versions(facts: ReleaseFacts, tally: Tally) -> list[str]:
    """Return which versions of the rubric the answers go by, where it is not only the one in force."""
    if not facts.other_rubrics:
        return []
    where = {facts.rubric_name: "rubric.json"} | {name: path_of_rubric(name) for name in facts.other_rubrics}
    rows = [(name, str(tally.rubrics[name]), f"`{path}`") for name, path in where.items()]
    words = (
        "Answers go by these versions; those from before a change of meaning are marked `superseded` and enter no mean."
    )
    return [words, table(("Version", "First answers here", "In full"), rows)]


def _several(facts: ReleaseFacts) -> list[str]:
    """Return what a release says of further campaigns, and of versions of the rubric, that its answers come from."""
    also, versions = facts.protocol.also, facts.scope.rubric_versions
    head = ("Campaign", *(f"Share of {arm}" for arm in ARMS), "Hidden repeats", "Consent, version")
    campaigns: dict[str, CampaignProtocol] = {facts.campaign: facts.protocol, **also}
    rows = (
        (slug, *(f"{one.shares[arm]} %" for arm in ARMS), f"{one.repeat_share} %", str(one.consent_version))
        for slug, one in campaigns.items()
    )
    words = (
        "Answers come from these campaigns, and what is said below is of the first. Where a rater judged an image in "
        "several, the answer in the first counts, and the others are marked as repeats."
    )
    several = [words, table(head, rows)] if also else []
    named = ", ".join(map(str, versions))
    return [*several, f"Only answers by these versions of the rubric are here: {named}."] if versions else several


def _planned(plan: Mapping[str, Any] | None) -> list[str]:
    """Return what was planned of the analysis before the first answer, and whether the report here follows it."""
    heading = "## How the analysis was planned"
    if not plan:
        return [heading, "No analysis plan was frozen before the first answer."]
    named = [f"{who} ({why})" for reasons in plan["exclusions"].values() for who, why in reasons.items()]
    return [
        heading,
        f"Plan {plan['number']} was frozen on {plan['frozen_on']}, before the first answer. Question: "
        f"{' '.join(plan['note'].split()) or 'none was written down.'} Beside alpha: {_named(plan['sections'])}. "
        f"Parts: {_named(plan['scopes'])}. Left out beside the headline: {_named(named)}. {plan['replicates']} "
        f"replicates, seed {plan['seed']}.",
        "The report in `RELIABILITY/` "
        + (f"departs from it in: {_named(plan['departures'])}." if plan["departures"] else "follows it."),
    ]


def datasheet(facts: ReleaseFacts, rubric: Rubric, tally: Tally) -> str:
    """Return DATASHEET.md by the seven parts of Gebru, T., et al. (2021), Datasheets for Datasets, CACM 64(12)."""
    distribution = table(
        ("Subcategory", "Images"), ((key, str(tally.subcategories[key])) for key in rubric.subcategories)
    )
    return _page(
        f"# Datasheet of {facts.title} {facts.version}",
        "## Motivation",
        facts.description.strip() or "The organisers gave no description.",
        *(stated(facts.statements, key) for key in ("creators", "funding")),
        "## Composition",
        f"{tally.images} images with {tally.answers['all']} answers, {tally.answers['counted']} of which enter the "
        f"means. Each image has {left_out.enough(facts)}: {_per_image(tally)}. "
        f"Images left out: {left_out.in_short(facts)}. "
        f"{tally.answers['simulated']} answers are simulated by a program, {tally.answers['simulated_counted']} of "
        f"which enter the means; {tally.answers['imported']} were collected elsewhere and enter none.",
        distribution,
        f"Released scores: mean {tally.score_mean}, standard deviation {tally.score_sd}, from {tally.score_range}. "
        "People depicted cannot be told from the records; images may show some.",
        "## Collection",
        "See `PROTOCOL.md`. Images came from the sources named in `LICENSES.csv`; no image was collected for this "
        "release by the application.",
        *(stated(facts.statements, key) for key in ("recruitment", "payment", "ethics_review")),
        "## Preprocessing",
        "Camera data, places, comments and content credentials were removed from the images, pixels left as they "
        "were, except that images which stood upright only by their metadata were turned.",
        "## Uses",
        "Training and testing models that score or describe images. Not for judging people, nor for ranking artists: "
        f"scores are opinions of {_whose(tally)}, and their agreement is in `RELIABILITY/`.",
        "## Distribution",
        f"Released {facts.released_at}. {terms.of_annotations(facts)} Images stand under "
        f"{len(tally.licences)} licences of their own, image by image in "
        f"`LICENSES.csv`: {_listed(tally.licences)}.",
        "## Maintenance",
        stated(facts.statements, "contact"),
        "Releases never change. A version rises in its first number when records are edited or removed, in the second "
        "when only new ones come, in the third when only the packaging differs. Whatever is withdrawn is left out of "
        "every later release and listed in `WITHDRAWN.csv`; earlier releases are marked.",
    )


def _per_image(tally: Tally) -> str:
    return ", ".join(f"{name} {n:g}" for name, n in tally.counted_per_image.items())


def _whose(tally: Tally) -> str:
    """Say of how many the answers are that enter the means."""
    programs = len(tally.counted_raters & tally.simulated_raters)
    n = len(tally.counted_raters)
    return f"{n} raters, {programs} of them simulated by a program" if programs else f"{n} people"


def leakage(facts: ReleaseFacts, leaks: Leaks, overlaps: Mapping[str, Sequence[Sequence[Any]]]) -> str:
    """Return LEAKAGE.md: how near duplicates are told, what lies across splits, what is also in public benchmarks."""
    pairs = [_across(pair, {frozenset(pair) for pair in facts.rejected_pairs}) for pair in leaks.pairs]
    states = [
        (NEAR_PAIRS[state], str(facts.near_duplicate_pairs[state]))
        for state in NEAR_PAIRS
        if state in facts.near_duplicate_pairs
    ]
    lists = [(entry.title, str(entry.images), str(len(overlaps[entry.title]))) for entry in facts.benchmarks]
    found = [
        (image, split, title, name, str(bits)) for title, rows in overlaps.items() for image, split, name, bits in rows
    ]
    return _page(
        f"# Leakage analysis of {facts.title} {facts.version}",
        "## Rule",
        f"Images whose perceptual hashes (pHash, 64 bits) differ in at most {REACH} bits get a second look: the "
        "correlation of their miniatures of 32 by 32 grey levels. Both looks take the best of the eight ways to turn "
        f"and mirror one of them. From {SURE / 1000:g} they show nearly the same; from {UNSURE / 1000:g} a person "
        f"decides; below, they differ. Where an image has no miniature or is plain, a person decides up to "
        f"{HASH_ALONE} bits. Pairs that are the same, or undecided, are tied together, directly and through others, "
        "and what is tied lies in one split. A newcomer that would tie two splits together is held back "
        f"({len(facts.held)} here, named in `release.json`). Most crops and other photographs of the same thing "
        "are not found by this rule.",
        _described(facts.embeddings),
        table(("Pairs within this release", "How many"), states) if states else "",
        "## How much the rule finds",
        _planted(),
        "## Between splits",
        f"Pairs of different splits that are or may be near duplicates: {len(pairs)}; looked at a second time: "
        f"{sum(leaks.counts.values())}.",
        table(("Image", "Split", "Image", "Split", "Bits", "Correlation", "Verdict"), pairs) if pairs else "",
        f"Groups found tied after they had been placed apart, which stay where they are: {len(facts.connected)}.",
        "## With public benchmarks",
        f"By the hash alone, up to {HASH_ALONE} bits." if lists else "No list of a benchmark was compared with.",
        table(("List", "Images in it", "Images of this release in it"), lists) if lists else "",
        table(("Image", "Split", "List", "Name there", "Bits"), found) if found else "",
    )


def _described(figures: EmbeddingFigures | None) -> str:
    """Say which embeddings were compared beside the hashes, and what came of it."""
    if figures is None:
        return "No model's embeddings, which would find crops, were compared."
    rows = [(one.embedder, one.version, f"{one.images} of {figures.of}") for one in figures.embedders]
    return (
        f"Beside this rule, embeddings made by a model were compared with each other: from a cosine of "
        f"{figures.sure / 1000:g} two images show nearly the same, from {figures.unsure / 1000:g} a person decides. "
        f"{figures.pairs} pairs within this release are alike by them, {figures.pairs_by_cosine_alone} of these by "
        "them alone. They are tied as the others are; the list between splits below, which anybody can work out from "
        f"this release, is of hashes and miniatures only.\n\n{table(('Embedder', 'Version', 'Images with one'), rows)}"
    )


def _planted() -> str:
    """Say what became of copies planted among other images, and by which command."""
    rows = [(kind, *(f"{share:.1f} %" for share in shares)) for kind, shares in PLANTED.items()]
    measured = (
        f"Measured on {PLANTED_AMONG}, not on this release (`python -m bench duplicates`): {RECALL} % of the copies "
        f"are found, crops apart, and {PRECISION} % of the pairs found are right."
    )
    return f"{measured}\n\n{table(('Copy', 'Found', 'Left to a person'), rows)}"


def _across(pair: Sequence[Any], apart: Container[frozenset[str]]) -> tuple[str, ...]:
    one, split, two, other, bits, alike, verdict = pair
    ruling = "different, by a person" if frozenset((one, two)) in apart else verdict
    return one, split, two, other, str(bits), "unknown" if alike is None else f"{alike / 1000:.3f}", ruling


def changelog(facts: ReleaseFacts, found: Difference | None, earlier: str) -> str:
    """Return CHANGELOG.md: what changed since the release before, then what its own changelog said."""
    head = f"## {facts.version}, {facts.released_at[:10]}"
    if found is None or facts.previous is None:
        return _page("# Changes", head, "First release of this campaign.")
    counts = ((name.replace("_", " "), str(n)) for name, n in found.to_json()["counts"].items())
    return _page(
        "# Changes",
        head,
        f"Against {facts.previous.version}: {found.reason}. Everything by name is in `diff.json`.",
        table(("What", "How many"), counts),
        left_out.removed(facts, found.removed),
        earlier.removeprefix("# Changes").strip(),
    )


def _attribute(attribute: Attribute, scale: Scale) -> tuple[str, ...]:
    anchors = "; ".join(f"{scale.to_points(anchor.steps):g}: {anchor.text['en']}" for anchor in attribute.anchors)
    return attribute.name["en"], f"{attribute.weight} %", attribute.definition["en"], anchors


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name or 'not stated'} {n}" for name, n in sorted(counts.items())) or "none"


def _named(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _page(*parts: str) -> str:
    return "\n\n".join(_nonempty(parts)) + "\n"


def _nonempty(parts: Iterable[str]) -> Iterable[str]:
    return (part for part in parts if part)
