// @ts-check
/** Reach into the page: what must be there, copies of its templates, and its wordings. */

/**
 * Find an element that must be there.
 *
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
export function findOne(root, selector, type) {
  const element = root.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`the page lacks ${selector}`);
  return element;
}

/**
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export function findAll(root, selector) {
  return [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(selector))];
}

/**
 * Copy the contents of <template id="template-…">.
 *
 * @param {string} name
 * @returns {DocumentFragment}
 */
export function copyTemplate(name) {
  const template = findOne(document, `#template-${name}`, HTMLTemplateElement);
  return /** @type {DocumentFragment} */ (template.content.cloneNode(true));
}

/**
 * Return a wording from <template id="texts">, with {names} filled in.
 *
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function wording(name, values = {}) {
  const texts = findOne(document, "#texts", HTMLTemplateElement).content;
  const wording = findOne(texts, `[data-text="${name}"]`, HTMLElement).textContent ?? "";
  return wording.replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
}

/** @param {string} name */
export function hasWording(name) {
  return findOne(document, "#texts", HTMLTemplateElement).content.querySelector(`[data-text="${name}"]`) !== null;
}

/**
 * @param {string} id - of a block of JSON written by the server
 * @returns {any}
 */
export function readJson(id) {
  return JSON.parse(findOne(document, `#${id}`, HTMLScriptElement).textContent ?? "null");
}

/**
 * @param {string} name
 * @returns {string} the cookie's value, "" without one
 */
export function readCookie(name) {
  const pair = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return pair ? decodeURIComponent(pair.slice(name.length + 1)) : "";
}
