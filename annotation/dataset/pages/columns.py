"""What each column of the tables holds, in words: for the card and for Croissant."""

from __future__ import annotations

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
    ("annotations", "every answer, also those that stay out of the means: see below"),
    ("prefills", "the prefills these raters saw: `score` and `scores` (0 to 100), `critiques`; `imported` ones "
     "elsewhere, to raters of imported answers"),
    ("licence, author, source, title, note", "terms and origin; also in `LICENSES.csv`"),
    ("perceptual_hashes", "pHash, 64 bits: of the image as shown, then turned and mirrored in seven ways"),
    ("miniature", "the image in 32 by 32 grey levels, row by row, in base64: the second look of `LEAKAGE.md`"),
    ("group", "near duplicates share it: the `sha256` of one of them"),
    ("split, split_reason", "where the image is, and why; it stays there in every later release"),
)  # fmt: skip
ANNOTATION_COLUMNS = (
    ("rater", "pseudonym, the same in every release"),
    ("campaign", "where the answer was given"),
    ("arm", "`blind` (no model), `reveal` (model shown after the first answer), `assisted` (model in the form)"),
    ("kind", "`first`; `final` where the rater changed the answer later, else the first one stood; `sent_back` for "
     "what it became once an organiser or adjudicator had sent it back to the rater with a word: it is in no figure"),
    ("counted", "whether it enters the means"),
    ("simulated, surplus, exposed", "given by a program; beyond those asked for; from who could read elsewhere "
     "before what is said of the image or of a near duplicate"),
    ("repeat, superseded, imported", "asked again, by chance or in another campaign; from before the rubric changed "
     "its meaning; from elsewhere"),
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
        ("prefill", "the critique in the prefill this rater saw"),
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
