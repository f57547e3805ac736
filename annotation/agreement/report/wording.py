"""Say in whole sentences what a report's figures are and mean: the methods paragraph of a paper, and what is needed.

Sentences are phrases: English by themselves, and in the reader's language on a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotation.phrases import Phrase
from annotation.phrases import phrase as _

Figures = Mapping[str, Any]
TARGET = "0.8"
SOURCES = (
    "Krippendorff 2011; Efron 1987; Miller 1974; Moss 2024; McGraw & Wong 1996; ten Hove, Jorgensen & van der Ark "
    "2025; Brennan 2001"
)


@dataclass(frozen=True)
class Provenance:
    """What a report's row says beside its figures; `names` are the fields' names in the reader's language."""

    query: Figures
    campaign: str
    rubric: str
    number: int
    engine: str
    input_hash: str
    names: Mapping[str, str]


def methods(figures: Figures, provenance: Provenance) -> list[Phrase]:
    """Return the sentences of a methods paragraph: design, statistics, intervals, results, plan and provenance."""
    details = figures["holistic"].get("details") or {}
    return [
        _design(figures, provenance),
        *_scope(provenance.query),
        *_per_image(details.get("design")),
        *_simulated_raters(figures),
        _exclusions(),
        *_named_exclusions(provenance.query),
        _statistic(figures),
        *_intervals(figures),
        _headline(figures["holistic"]),
        *_attributes(figures["attributes"], provenance.names),
        *_subcategory(figures["subcategory"]),
        *_mean(details.get("icc")),
        *needed_annotations(details),
        *_anchoring(figures.get("arms") or {}),
        *plan_followed(provenance.query),
        _provenance(figures, provenance),
        _("Methods after: %(sources)s.", sources=SOURCES),
    ]


def _design(figures: Figures, provenance: Provenance) -> Phrase:
    return _(
        "%(raters)s raters gave %(answers)s answers on %(images)s images in the campaign “%(campaign)s”, by rubric "
        "version %(rubric)s.",
        raters=figures["n_raters"],
        answers=figures["n_annotations"],
        images=figures["n_images"],
        campaign=provenance.campaign,
        rubric=provenance.rubric,
    )


def _per_image(design: Figures | None) -> list[Phrase]:
    if not design:
        return []
    per_image = design["per_unit"]
    sentences = [
        _(
            "Answers per image: median %(median)s, harmonic mean %(mean)s; %(pairs)s images have two answers or more.",
            median=f"{per_image['median']:g}",
            mean=f"{per_image['harmonic_mean']:.2f}",
            pairs=design["units_with_two"],
        )
    ]
    if design["connected"]:
        return [*sentences, _("All raters are connected by images they share.")]
    disconnection = _(
        "The raters fall into groups that share no image, so that their severities are not comparable throughout."
    )
    return [*sentences, disconnection]


def _simulated_raters(figures: Figures) -> list[Phrase]:
    n = figures.get("simulated_raters", 0)
    if not n:
        return []
    return [
        _(
            "Of the raters %(n)s are computer programs: the figures show how the report works, nothing about experts.",
            n=n,
        )
    ]


def _exclusions() -> Phrase:
    return _(
        "Agreement rests on first answers given blind or before the model's prefill was shown; assisted, surplus, "
        "exposed, repeated, imported and withdrawn answers are excluded."
    )


def _statistic(figures: Figures) -> Phrase:
    return _(
        "Agreement is Krippendorff's alpha over images with two answers or more, at the interval level for scores and "
        "at the nominal level for the subcategory."
    )


def _intervals(figures: Figures) -> list[Phrase]:
    """Say how both intervals were made."""
    these_raters = _(
        "by the jackknife over images on log(1 − alpha), t with images − 1 degrees of freedom, where there are fewer "
        "than 200, else by the bias-corrected and accelerated bootstrap over images (%(replicates)s replicates, seed "
        "%(seed)s)",
        replicates=figures["replicates"],
        seed=figures["seed"],
    )
    return [
        _(
            "Two %(confidence)s %% intervals are given: for these raters, %(narrow)s; for raters like these, by the "
            "jackknife over images plus the jackknife over raters on log(1 − alpha), t with raters − 1 degrees of "
            "freedom.",
            confidence=f"{100 * figures['confidence']:g}",
            narrow=these_raters,
        )
    ]


def _headline(field: Figures) -> Phrase:
    if field["alpha"] is None:
        return _("Alpha of the holistic score could not be computed: %(why)s.", why=reason(field["note"]))
    return _(
        "For the holistic score alpha is %(alpha)s (these raters: %(narrow)s; raters like these: %(wide)s; "
        "%(images)s images, %(answers)s answers, %(raters)s raters).",
        alpha=f"{field['alpha']:.2f}",
        narrow=_ends_in_words(field["interval"], field["note"]),
        wide=_ends_in_words(field.get("interval_raters_like_these"), field.get("note_raters_like_these", "")),
        images=field["n_images"],
        answers=field["n_annotations"],
        raters=field["n_raters"],
    )


def _ends_in_words(limits: Any, note: str) -> Phrase:
    if limits:
        return _("%(low)s to %(high)s", low=f"{limits[0]:.2f}", high=f"{limits[1]:.2f}")
    return _("no interval, %(why)s", why=reason(note)) if note else _("no interval")


def _attributes(attributes: Figures, names: Mapping[str, str]) -> list[Phrase]:
    coefficients = sorted((field["alpha"], key) for key, field in attributes.items() if field["alpha"] is not None)
    n_undefined = len(attributes) - len(coefficients)
    sentences = []
    if coefficients:
        sentences.append(
            _(
                "For the %(n)s attributes alpha ranges from %(least)s (%(lowest)s) to %(most)s (%(highest)s).",
                n=len(coefficients),
                least=f"{coefficients[0][0]:.2f}",
                lowest=names[coefficients[0][1]],
                most=f"{coefficients[-1][0]:.2f}",
                highest=names[coefficients[-1][1]],
            )
        )
    if n_undefined:
        sentences.append(_("For %(n)s of the attributes it could not be computed.", n=n_undefined))
    return sentences


def _subcategory(field: Figures) -> list[Phrase]:
    if field["alpha"] is None:
        return [_("For the subcategory it could not be computed: %(why)s.", why=reason(field["note"]))]
    sentence = _(
        "For the subcategory it is %(alpha)s (these raters: %(narrow)s; %(images)s images).",
        alpha=f"{field['alpha']:.2f}",
        narrow=_ends_in_words(field["interval"], field["note"]),
        images=field["n_images"],
    )
    return [sentence]


def _mean(icc: Figures | None) -> list[Phrase]:
    mean = (icc or {}).get("Ak")
    if not mean or mean["value"] is None:
        return []
    sentence = _(
        "The mean holistic score of an image has a reliability, ICC(A,k), of %(value)s (95 %% interval %(ends)s; "
        "k = %(k)s, the harmonic mean), from the variance components of images and raters by REML with Monte-Carlo "
        "intervals.",
        value=f"{mean['value']:.2f}",
        ends=_ends_in_words(mean["interval"], mean["note"]),
        k=f"{mean['k']:.2f}",
    )
    return [sentence]


def _anchoring(arms: Figures) -> list[Phrase]:
    shares = [estimate["value"] for arm in arms.values() for estimate in arm.values() if estimate["value"] is not None]
    if not shares:
        return []
    sentence = _(
        "From the arms drawn at random, answers that saw the model move toward it by a share of %(least)s to %(most)s, "
        "depending on attribute and arm.",
        least=f"{min(shares):.2f}",
        most=f"{max(shares):.2f}",
    )
    return [sentence]


def plan_followed(query: Figures) -> list[Phrase]:
    """Say whether a report follows an analysis plan that was frozen before the first answer, and where it departs."""
    plan = query.get("plan")
    if plan is None:
        return [_("No analysis plan was frozen before the first answer.")]
    departures = query.get("departures") or []
    if not departures:
        return [_("The report follows analysis plan %(number)s, frozen before the first answer.", number=plan)]
    fields = ", ".join(str(row["field"]) for row in departures)
    return [
        _(
            "Analysis plan %(number)s was frozen before the first answer; the report departs from it in: %(fields)s.",
            number=plan,
            fields=fields,
        )
    ]


def _named_exclusions(query: Figures) -> list[Phrase]:
    """Say what alpha with and without rests on, where raters or images are named."""
    exclusions = query.get("exclusions") or {}
    raters, images = len(exclusions.get("raters") or ()), len(exclusions.get("images") or ())
    if not raters and not images:
        return []
    return [
        _(
            "Agreement is given with and without %(raters)s raters and %(images)s images that are named with reasons.",
            raters=raters,
            images=images,
        )
    ]


def _scope(query: Figures) -> list[Phrase]:
    scope = query.get("scope") or {}
    parts = ", ".join(f"{by}: {part}" for by, part in scope.items())
    return [_("The report is on a part of the campaign only (%(parts)s).", parts=parts)] if parts else []


def _provenance(figures: Figures, provenance: Provenance) -> Phrase:
    return _(
        "Computed by %(engine)s with seed %(seed)s as report %(number)s; the SHA-256 of the input is %(hash)s.",
        engine=provenance.engine,
        seed=figures["seed"],
        number=provenance.number,
        hash=provenance.input_hash,
    )


def needed_annotations(details: Figures) -> list[Phrase]:
    """Say how many answers per image a reliability of .80 takes, and how many more than there are that is."""
    study, design = details.get("decision_study"), details.get("design")
    if not study or not design:
        return []
    annotations_needed = study["raters_for"].get(TARGET)
    if annotations_needed is None:
        explanation = reason(study["note"]) if study["note"] else _("no number of answers would do")
        return [_("How many answers a reliability of 0.80 takes cannot be told: %(why)s.", why=explanation)]
    mean = design["per_unit"]["harmonic_mean"]
    if annotations_needed <= mean:
        if annotations_needed == 1:
            return [_("A reliability of 0.80 of an image's mean score takes one answer per image, which is reached.")]
        return [
            _(
                "A reliability of 0.80 of an image's mean score takes %(needed)s answers per image, which is reached "
                "with %(mean)s.",
                needed=annotations_needed,
                mean=f"{mean:.2f}",
            )
        ]
    total = annotations_needed * design["units"] - (design["ratings"] - design["repeats"])
    return [
        _(
            "A reliability of 0.80 of an image's mean score takes %(needed)s answers per image; there are %(mean)s, so "
            "that about %(total)s more are needed for the %(images)s images.",
            needed=annotations_needed,
            mean=f"{mean:.2f}",
            total=max(total, 1),
            images=design["units"],
        )
    ]


def more_images(scope: Figures) -> Phrase | None:
    """Say how many more images a part of a campaign needs for a usable interval; None where that cannot be told."""
    number = scope.get("more_images")
    if number is None:
        return None
    if scope.get("more_images_is_capped"):
        return _("more than %(more)s further images", more=f"{number:,}")
    if number == 0:
        return _("enough images")
    return _("one further image") if number == 1 else _("about %(more)s further images", more=f"{number:,}")


def reason(note: str) -> Phrase:
    """Return a reason that a report keeps in English as a phrase."""
    # Phrases are filled in with %, so a per cent sign in a reason has to be doubled.
    return Phrase(note.replace("%", "%%"))


def same_meaning(meaning: Figures) -> list[Phrase]:
    """Say whether a score means the same in every category, and which anchors would adjudicate what answers cannot."""
    n_tests, n_differences, anchors = meaning["tested"], meaning["differing"], meaning["anchors_per_category"]
    if not n_tests:
        sentences = [_("There are too few answers beside somebody else's to compare categories.")]
    elif n_differences:
        sentences = [
            _(
                "Of %(tested)s shifts of a rater in a category, those that differ from zero number %(n)s: there a "
                "score does not mean the same in every category.",
                n=n_differences,
                tested=n_tests,
            )
        ]
    else:
        sentences = [
            _(
                "None of %(tested)s shifts of a rater in a category differs from zero: as far as these answers tell, a "
                "score means the same in every category.",
                tested=n_tests,
            )
        ]
    if anchors is None:
        return sentences
    return [
        *sentences,
        _(
            "A shift that all raters share looks like worse images. %(n)s anchor images or more in each category, "
            "judged by every rater and placed by a reference panel, would show one of half a point.",
            n=anchors,
        ),
    ]
