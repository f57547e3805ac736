// @ts-check
/**
 * What the server says of an assignment, in types alone; `Api` is written from the models in webapp/api/v1/schemas.py.
 *
 * @typedef {Api.Tiles} Tiles
 * @typedef {Omit<Api.Image, "thumbnail">} Image
 * @typedef {"" | "own" | "model" | "accepted" | "bulk" | "edited"} Origin - where a value comes from; "" nothing there yet,
 *   "model": put there by the model and not looked at, "bulk": accepted together with all that was left
 * @typedef {{score: number | null, critique: string, language?: string, score_origin: Origin, critique_origin: Origin,
 *   pasted?: number, pins?: Api.Pin[]}} Judgement - one that may be unfinished
 * @typedef {{subcategory: string, judgements: Record<string, Judgement>}} AnnotationContent - what an annotation
 *   says, finished or not
 * @typedef {Omit<Api.AnnotationContent, "judgements"> & AnnotationContent} Sent - an annotation on its way to the server
 * @typedef {Pick<Api.Prefill, "model" | "scores" | "critiques"> & Partial<Api.Prefill>} Prefill
 * @typedef {AnnotationContent & Pick<Api.EarlierAnnotation, "rubric_version">} EarlierAnnotation - from before the rubric changed its meaning
 * @typedef {Api.Comparison} PanelComparison
 * @typedef {Api.Feedback} Feedback
 * @typedef {Api.Message} Message
 * @typedef {Api.Assignment} Assignment
 * @typedef {Api.AnchorImage} Anchor
 * @typedef {{version: number, scale: import("./scale.js").Scale, subcategories: string[],
 *   attributes: {key: string, weight: number}[]}} Rubric
 */
export {};
