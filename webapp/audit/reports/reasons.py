"""The reasons that annotation/agreement writes, in English, into a report: marked here to be translated."""

from django.utils.translation import gettext_noop

# What alpha and its intervals may say.
NOTES = (
    gettext_noop("no image has answers from two experts yet"),
    gettext_noop("all answers are the same; alpha needs variation"),
    gettext_noop("too few images with two answers for an interval; five are needed"),
    gettext_noop("fewer than four experts: how experts differ cannot be told from so few"),
    gettext_noop("all experts agree on every image: how experts differ cannot be told"),
    gettext_noop("without one of the experts or images alpha is 1 or undefined"),
)

# What stands beside the other figures.
MORE_NOTES = (
    gettext_noop("fewer than three ratings with another rater's beside them"),
    gettext_noop("all ratings were given at one moment"),
    gettext_noop("no blind answers to compare with"),
    gettext_noop("no answers in this arm"),
    gettext_noop("fewer than four raters; the interval needs four"),
    gettext_noop("the model gives every unit the same score"),
    gettext_noop("the blind slope is within two standard errors of 1; only the difference of slopes can be told"),
    gettext_noop("no expert has enough images that enough others rated too and the model scored"),
    gettext_noop("units do not differ; no number of raters makes them reliable"),
    gettext_noop("there are no ratings"),
    gettext_noop("all ratings are the same; components need variation"),
    gettext_noop("one unit only; two are needed"),
    gettext_noop("one rater only; two are needed"),
    gettext_noop("no unit has ratings by two raters"),
    gettext_noop("each rater rated one unit only; rater and residual cannot be told apart"),
)
