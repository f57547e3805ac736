// @ts-check
/**
 * What the server says of an assignment, in types alone; webapp/api/v1/describe.py writes it.
 *
 * @typedef {{url: string, size: number, overlap: number, levels: number}} Tiles - `url` is that of tile 0, 0 of level 0
 * @typedef {{display: string, full: string, width: number, height: number, tiles: Tiles | null}} Image
 * @typedef {"" | "own" | "model" | "accepted" | "bulk" | "edited"} From - where a value comes from; "" nothing there yet,
 *   "model": put there by the model and not looked at, "bulk": accepted together with all that was left
 * @typedef {{score: number | null, critique: string, language?: string, score_origin: From, critique_origin: From,
 *   pasted?: number, pins?: import("./pins.js").Pin[]}} Judgement
 * @typedef {{subcategory: string, judgements: Record<string, Judgement>}} Said - what an answer says
 * @typedef {{model: string, scores: Record<string, number | null>, critiques: Record<string, string>,
 *   distribution?: number[] | null}} Prefill - distribution: the probabilities of the overall scores 0 to 100
 * @typedef {Said & {rubric_version: number}} Earlier - one's own answer from before the rubric changed its meaning
 * @typedef {{own: number, panel: number[], mean: number, distance: number}} Compared - with the panel, in points; the
 *   distance in its standard deviations
 * @typedef {{judged: number, anchors: number, ranks: {own: number, panel: number},
 *   attributes: Record<string, Compared>}} Feedback - on an answer to an anchor image
 * @typedef {{mine: boolean, text: string, at: string}} Message - of the thread with the organiser
 * @typedef {{id: string, state: string, image: Image,
 *   draft: any, draft_version: number, first_answer: Said | null, final_answer?: Said | null, prefill: Prefill | null,
 *   earlier_answer?: Earlier | null, messages?: Message[],
 *   feedback?: Feedback | null}} Assignment
 * @typedef {{image: Image & {thumbnail: string}, subcategory: string, scores: Record<string, number>,
 *   raters: number}} Anchor - an image with known levels, the means of its panel's scores in points
 * @typedef {{version: number, scale: import("./scale.js").Scale, subcategories: string[],
 *   attributes: {key: string, weight: number}[]}} Rubric
 */
export {};
