"""Write README.md: the dataset card, with the YAML that the Hugging Face Hub and `datasets` read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from annotation.dataset.contents.aggregates import WHICH_COUNT
from annotation.dataset.contents.splits import SPLITS, TENTHS
from annotation.dataset.contents.tally import Tally
from annotation.dataset.contents.views import VIEWS
from annotation.dataset.format.facts import ReleaseFacts
from annotation.rubric.schema import Rubric

from . import exclusions as left_out
from . import terms
from .markdown import table

# The licences that go by the same name at the Hub, in small letters; anything else is "other" there.
HUB_LICENCES = ("cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "apache-2.0", "mit", "bsd-3-clause")
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))

COLUMNS = (
    ("image", "the image, without metadata, pixels as imported"),
    ("sha256, image_sha256", "SHA-256 of the file as it came in, and of the bytes in `image`"),
    ("width, height", "size in pixels"),
    ("category, subcategory", "keys of `rubric.json`; the subcategory in force"),
    ("gt_score, gt_source", "the released score, 0 to 10, and whence: `raters` (it is `holistic.mean`), or `consensus` "
     "(the same mean, with the adjudicated score of each adjudicated attribute in every rater's weighted sum)"),
    ("holistic", "`mean`, `n` and standard error `se` (null where n is 1) of the weighted sum of the attributes; "
     "`corrected` is the mean with what each rater's severity subtracts put back (`agreement` in `release.json` states "
     "severities; null where one is not known)"),
    ("scores.ATTRIBUTE", "`mean`, `n`, `se` and `corrected` of each attribute; nothing adjudicated is in it"),
    ("consensus", "null, or what an adjudicator who had not rated the image says: the `rule` that opened the case, "
     "the `cause` of the disagreement, the `reason`, `scores` and `subcategory`; one that is `imported` was "
     "adjudicated elsewhere and enters no score"),
    ("answers", "every answer, also those that stay out of the means: see below"),
    ("prefills", "what models proposed to these raters: `score` and `scores` (0 to 100), `critiques`; `imported` ones "
     "elsewhere, to raters of imported answers"),
    ("licence, author, source, title, note", "terms and origin; also in `LICENSES.csv`"),
    ("perceptual_hashes", "pHash, 64 bits: of the image as shown, then turned and mirrored in seven ways"),
    ("miniature", "the image in 32 by 32 grey levels, row by row, in base64: the second look of `LEAKAGE.md`"),
    ("group", "near duplicates share it: the `sha256` of one of them"),
    ("split, split_reason", "where the image is, and why; it stays there in every later release"),
)  # fmt: skip
ANSWER_COLUMNS = (
    ("rater", "pseudonym, the same in every release"),
    ("campaign", "where the answer was given"),
    ("arm", "`blind` (no model), `reveal` (model shown after the first answer), `assisted` (model in the form)"),
    ("kind", "`first`; `final` where the rater changed the answer later, else the first one stood"),
    ("counted", "whether it enters the means"),
    ("simulated, surplus, repeat, superseded, imported", "given by a program; beyond those asked for; asked again, "
     "by chance or in another campaign; from before the rubric changed its meaning; from elsewhere"),
    ("rubric_version, subcategory", "the rubric it was given by; the subcategory the rater chose"),
    ("holistic", "weighted sum in points"),
    ("seconds, seconds_to_first_score, week", "time from the image on screen to this answer, and to the first "
     "score; the ISO week it came in"),
    ("shown_model", "the model whose prefill the rater had seen by then, as in `prefills`"),
    ("judgements.ATTRIBUTE", "`score` in points, `critique`, `language`, where both came from (`score_origin`, "
     "`critique_origin`: own, accepted, edited, or bulk: accepted together with all that was left), `edit_distance` to "
     "the model's critique, `pasted` (characters not typed), and `pins`: the points and boxes of the image it speaks "
     "of, `x`, `y`, `width`, `height` in fractions of its width and height"),
)  # fmt: skip

PATH = ("image", "where `unpack_release` writes the image")
# What the views name otherwise than the main table, or have alone.
VIEW_COLUMNS = {
    "ratings": (
        PATH,
        ("scores.ATTRIBUTE", "the rater's score in points"),
        ("origins.ATTRIBUTE", "where the score came from: own, accepted, edited, or bulk"),
    ),
    "critiques": (
        PATH,
        ("attribute", "key of the attribute in `rubric.json`"),
        ("score", "the rater's score of that attribute in points"),
        ("critique, language", "what the rater wrote of that attribute, and in which language"),
        ("critique_origin", "where it came from: own, accepted, edited, or bulk"),
        ("edit_distance, pasted", "single-character edits to the model's critique; characters not typed"),
        ("pins", "the points and boxes of the image it speaks of, in fractions of its width and height"),
        ("prefill", "the critique that the model had proposed to this rater"),
    ),
    "scores": (
        PATH,
        ("n, se, corrected", "as in `holistic` of the main table"),
        ("scores.ATTRIBUTE", "the released score: the adjudicated one where there is one, else the mean of the raters"),
    ),
}  # fmt: skip
VIEW_ROWS = {
    "default": "a row an image, with the image, every answer to it and its scores",
    "ratings": "a row an answer",
    "critiques": "a row a critique beside the model's prefill",
    "scores": "a row an image with the released scores",
}

PAGES = (
    ("`PROTOCOL.md`", "who was asked what, with what in sight, and how disagreement was adjudicated"),
    ("`RELIABILITY/`", "agreement with n, interval and method, as tables"),
    ("`LEAKAGE.md`", "near duplicates between splits, overlap with public benchmarks"),
    ("`DATASHEET.md`", "motivation, composition, collection, uses, maintenance"),
    ("`CHANGELOG.md`, `diff.json`", "what changed since the release before"),
    ("`WITHDRAWN.csv`", "what was withdrawn, and since when"),
    ("`croissant.json`", "this description for programs"),
)


def card(facts: ReleaseFacts, rubric: Rubric, tally: Tally) -> str:
    """Return the text of the card."""
    front = yaml.safe_dump(front_matter(facts, tally), sort_keys=False, allow_unicode=True, width=1000)
    parts = [
        f"---\n{front}---",
        f"# {facts.title} {facts.version}",
        *_warning(facts, tally),
        _summary(facts, rubric, tally),
        _loading(facts, tally),
        "## Columns",
        table(("Column", "Holds"), ((f"`{names}`", text) for names, text in COLUMNS)),
        "Further views hold no images; `image` names the file that `unpack_release` writes. Load them by name, such "
        f'as `load_dataset("{facts.name}", "ratings")`: '
        f"`ratings` has {VIEW_ROWS['ratings']}, `critiques` {VIEW_ROWS['critiques']}, `scores` {VIEW_ROWS['scores']}.",
        "Each element of `answers`:",
        table(("Field", "Holds"), ((f"`{names}`", text) for names, text in ANSWER_COLUMNS)),
        "## How the scores came about",
        _protocol(facts, rubric, tally),
        "## Agreement",
        *_agreement(facts.agreement, rubric),
        "## Splits",
        _splits(facts, tally),
        "## Licences",
        terms.of_annotations(facts),
        "Images stand under their own terms, image by image in `LICENSES.csv`. Camera data and other metadata, "
        "content credentials included, were removed from them.",
        table(
            ("Licence of the image", "Images"),
            ((name or "not stated", str(n)) for name, n in sorted(tally.licences.items())),
        ),
        "## Cite it",
        facts.citation,
        "## Check it",
        "`sha256sum -c MANIFEST.sha256` checks every file; `manage.py verify_release FOLDER` of Connoisseur also works "
        "out every mean again. `python recompute.py` computes the headline figures from the rows with public packages "
        "only. `release.json` is the record of this release.",
        table(("Page", "Answers"), PAGES),
    ]
    return "\n\n".join(parts) + "\n"


def front_matter(facts: ReleaseFacts, tally: Tally) -> dict[str, Any]:
    """Return the card's metadata."""
    creators = []
    if len(tally.own_raters) > len(tally.simulated_raters):
        creators.append("expert-generated")
    if tally.answers["simulated"]:
        creators.append("machine-generated")
    if tally.imported_raters:
        creators.append("found")
    return {
        **_licence(facts, tally),
        "language": sorted({language.split("-")[0] for language in tally.languages}) or ["en"],
        "annotations_creators": creators,
        "task_categories": ["image-to-text", "image-classification"],
        "size_categories": [_size(tally.images)],
        "pretty_name": f"{facts.title} {facts.version}",
        "tags": ["aesthetics", "image-quality-assessment", *(["demo"] if facts.is_demo else [])],
        "configs": [
            _config("default", "data", tally, default=True),
            *(_config(view.name, view.name, tally) for view in VIEWS if tally.rows[view.name].total()),
        ],
    }


def _config(name: str, folder: str, tally: Tally, **more: bool) -> dict[str, Any]:
    there = [split for split in SPLITS if tally.rows[folder][split]]
    return {
        "config_name": name,
        **more,
        "data_files": [{"split": split, "path": f"{folder}/{split}-*.parquet"} for split in there],
    }


def _licence(facts: ReleaseFacts, tally: Tally) -> dict[str, str]:
    annotations = facts.annotations_licence.lower() or "not-stated"
    images = next(iter(tally.licences)).lower() if len(tally.licences) == 1 else "mixed"
    if annotations == images and annotations in HUB_LICENCES:
        return {"license": annotations}
    # The Hub takes one word here; the card and LICENSES.csv name them all.
    name = f"annotations-{annotations}-images-{images or 'not-stated'}"
    return {"license": "other", "license_name": name, "license_link": "LICENSES.csv"}


def _size(images: int) -> str:
    return next((name for below, name in SIZES if images < below), "1M<n<10M")


def _warning(facts: ReleaseFacts, tally: Tally) -> list[str]:
    if not facts.is_demo:
        return []
    counts = tally.answers
    return [
        f"> **This is a demo release, not data to train or publish on.** {counts['simulated']} of its {counts['all']} "
        "answers are simulated: a program gave them. They are marked `simulated`. "
        f"{counts['simulated_counted']} of them are among the {counts['counted']} answers in the means and in the "
        f"agreement below; the other {counts['simulated'] - counts['simulated_counted']} stay out of both, as final, "
        "imported and other answers that do not count."
    ]


def _summary(facts: ReleaseFacts, rubric: Rubric, tally: Tally) -> str:
    words = f"{facts.description.strip()}\n\n" if facts.description.strip() else ""
    return (
        f"{words}{tally.images} images, judged on {len(rubric.attributes)} attributes of the {rubric.title['en']} "
        f"by {len(tally.counted_raters)} raters whose answers enter the means; {tally.answers['all']} answers in all, "
        f"{tally.answers['counted']} of them in the means{_elsewhere(tally)}. Released {facts.released_at}."
    )


def _elsewhere(tally: Tally) -> str:
    if not tally.imported_raters:
        return ""
    return (
        f", {tally.answers['imported']} collected elsewhere in the name of {len(tally.imported_raters)} raters, "
        "imported and in no mean"
    )


def _loading(facts: ReleaseFacts, tally: Tally) -> str:
    split = next(split for split in SPLITS if tally.splits[split])
    return (
        "```python\nfrom datasets import load_dataset\n\n"
        f'dataset = load_dataset("{facts.name}")  # this folder, without a network\n'
        f'row = dataset["{split}"][0]\n'
        'row["image"], row["gt_score"], row["answers"][0]["judgements"]\n```'
    )


def _protocol(facts: ReleaseFacts, rubric: Rubric, tally: Tally) -> str:
    weights = ", ".join(f"{attribute.name['en']} {attribute.weight} %" for attribute in rubric.attributes)
    return (
        f"Each image was to get {facts.answers_per_image} answers. The arm of each was drawn at random (first answers "
        f"here: {_arms(tally.arms)}). {_declared(tally)}Into the means go {WHICH_COUNT}.\n\n"
        f"The holistic score of an answer is the weighted sum of its attributes ({weights}); scores run from "
        f"{rubric.scale.accepted}. Means have two decimals; the standard error is the sample standard deviation over "
        f"the root of n. Rubric: {facts.rubric_name}, in full in `rubric.json`.\n\n"
        f"{facts.without_answers} further images {left_out.of_campaigns(facts)} have {left_out.too_few(facts)}, and "
        f"are not in this release{_and_others(facts)}."
    )


def _arms(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {arm}" for arm, n in sorted(counts.items()) if n) or "none"


def _declared(tally: Tally) -> str:
    """Say what arms were declared with imported answers, where there are any."""
    declared = (
        f"Imported answers have the arm that was declared with them, not drawn here ({_arms(tally.imported_arms)}). "
    )
    return declared if tally.imported_raters else ""


def _and_others(facts: ReleaseFacts) -> str:
    others = sum(n for _words, n in left_out.counts(facts)) - facts.without_answers
    return f"; neither are {others} for other reasons, which `PROTOCOL.md` counts" if others else ""


def _agreement(figures: Mapping[str, Any], rubric: Rubric) -> list[str]:
    names = {attribute.key: attribute.name["en"] for attribute in rubric.attributes}
    judged: Mapping[str, Any] = figures.get("attributes", {})
    order = [key for key in names if key in judged] + sorted(judged.keys() - names.keys())
    rows: list[tuple[str, Mapping[str, Any]]] = [(names.get(key, key), judged[key]) for key in order]
    rows += [(name, figures[key]) for key, name in _WHOLE if figures.get(key)]
    if not rows:
        return ["No agreement was computed for this release."]
    head = ("What was judged", "Alpha", f"{_percent(figures)} interval", "Images", "Answers", "Raters", "Level", "Note")
    return [table(head, (_agreement_row(name, row) for name, row in rows)), f"Method: {figures.get('method', '')}."]


_WHOLE = (("holistic", "Holistic score"), ("subcategory", "Subcategory"))


def _percent(figures: Mapping[str, Any]) -> str:
    return f"{100 * figures.get('confidence', 0.95):g} %"


def _agreement_row(name: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    alpha, limits = row.get("alpha"), row.get("interval")
    return (
        name,
        "not defined" if alpha is None else f"{alpha:.3f}",
        "none" if limits is None else f"{limits[0]:.3f} to {limits[1]:.3f}",
        *(str(row.get(key, "")) for key in ("n_images", "n_answers", "n_raters", "level", "note")),
    )


def _splits(facts: ReleaseFacts, tally: Tally) -> str:
    shares = ", ".join(f"{split} {tally.splits[split]}" for split in SPLITS)
    aims = ", ".join(f"{10 * TENTHS[split]} % {split}" for split in SPLITS)
    text = (
        f"Images: {shares}; the aim is {aims} in every subcategory. No pair of near duplicates that the rule in "
        "`LEAKAGE.md` finds lies in different splits, but for those listed there; the rule does not find most crops, "
        "nor other photographs of the same thing. No image ever moves to another split."
    )
    if facts.held:
        text += (
            f" {len(facts.held)} images are held back, because they would tie groups of different splits "
            "together; `release.json` names them."
        )
    if facts.connected:
        text += (
            f" {len(facts.connected)} times, groups that were placed apart were later found to be tied; they stay "
            "where they are, and `release.json` names them."
        )
    return text
