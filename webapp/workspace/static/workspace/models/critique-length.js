// @ts-check
/**
 * Measure the length of a critique: words in text written with letters, characters in Chinese.
 *
 * @typedef {"" | "en" | "zh-hans"} Language
 * @typedef {{words: [number, number], characters: [number, number]}} Target - from and to
 * @typedef {"empty" | "below" | "within" | "above"} Fit
 * @typedef {{count: number, unit: "words" | "characters", from: number, to: number, fit: Fit}} Length
 */

const HAN = /\p{Script=Han}/gu;
const WORD = /[\p{L}\p{N}]+(?:['’\-.][\p{L}\p{N}]+)*/gu;

/**
 * @param {string} text
 * @returns {number} how many words it has; Chinese characters are none
 */
export function countWords(text) {
  return (text.replace(HAN, " ").match(WORD) ?? []).length;
}

/**
 * @param {string} text
 * @returns {number} how many Chinese characters it has; punctuation does not count
 */
export function countCharacters(text) {
  return (text.match(HAN) ?? []).length;
}

/**
 * Guess the language of a critique. A Chinese text may name a lens or a painter in Latin letters, so it is Chinese as
 * soon as its characters outnumber its words.
 *
 * @param {string} text
 * @returns {Language} "" while there is nothing to go by
 */
export function guessLanguage(text) {
  const characters = countCharacters(text);
  const words = countWords(text);
  if (characters > words) return "zh-hans";
  return words > 0 ? "en" : "";
}

/**
 * Hold a critique against the target of its language; for an empty one the page's language decides which is shown.
 *
 * @param {string} text
 * @param {Target} target
 * @param {string} pageLanguage - such as "en" or "zh-hans"
 * @returns {Length}
 */
export function measureCritique(text, target, pageLanguage) {
  const language = guessLanguage(text) || pageLanguage;
  const chinese = language.toLowerCase().startsWith("zh");
  const [from, to] = chinese ? target.characters : target.words;
  const count = chinese ? countCharacters(text) : countWords(text);
  return { count, unit: chinese ? "characters" : "words", from, to, fit: fit(count, from, to) };
}

/**
 * @param {number} count
 * @param {number} from
 * @param {number} to
 * @returns {Fit}
 */
function fit(count, from, to) {
  if (count === 0) return "empty";
  if (count < from) return "below";
  return count > to ? "above" : "within";
}
