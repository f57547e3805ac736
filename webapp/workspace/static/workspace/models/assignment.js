// @ts-check
/**
 * What the server says of an assignment, in types alone; `Api` is written from the models in webapp/api/v1/schemas.py.
 *
 * @typedef {Api.Tiles} Tiles
 * @typedef {Omit<Api.Image, "thumbnail">} Image
 * @typedef {"" | "own" | "model" | "accepted" | "bulk" | "edited"} From - where a value comes from; "" nothing there yet,
 *   "model": put there by the model and not looked at, "bulk": accepted together with all that was left
 * @typedef {{score: number | null, critique: string, language?: string, score_origin: From, critique_origin: From,
 *   pasted?: number, pins?: Api.Pin[]}} Judgement - one that may be unfinished
 * @typedef {{subcategory: string, judgements: Record<string, Judgement>}} Said - what an answer says
 * @typedef {Omit<Api.AnnotationContent, "judgements"> & Said} Sent - an annotation on its way to the server
 * @typedef {Pick<Api.Prefill, "model" | "scores" | "critiques"> & Partial<Api.Prefill>} Prefill
 * @typedef {Said & Pick<Api.EarlierAnnotation, "rubric_version">} Earlier - from before the rubric changed its meaning
 * @typedef {Api.Comparison} Compared
 * @typedef {Api.Feedback} Feedback
 * @typedef {Api.Message} Message
 * @typedef {Api.Assignment} Assignment
 * @typedef {Api.AnchorImage} Anchor
 * @typedef {{version: number, scale: import("./scale.js").Scale, subcategories: string[],
 *   attributes: {key: string, weight: number}[]}} Rubric
 */
export {};
