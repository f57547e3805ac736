// @ts-check
/**
 * Talk to the server, and turn every way it can go wrong into one kind of error. Fetch is handed in.
 *
 * @typedef {import("./assignment.js").Assignment} Assignment
 * @typedef {{done: number, total: number}} Progress
 * @typedef {{assignment: Assignment | null, reason?: string, progress: Progress}} NextAssignment
 * @typedef {{campaign_state?: string, rubric_version?: number}} News - how the campaign stands, unless it is open; the
 *   rubric's version, where it is another one than a draft's
 * @typedef {"unavailable" | "signed-out" | "conflict" | "invalid" | "gone" | "withdrawn" | "refused"} ErrorKind
 */

/** A response that takes longer than this many milliseconds counts as lost; every request may be repeated. */
const LONGEST_WAIT = 20_000;

/** Stands in the address handed in, where the assignment's own id belongs. */
const ANY_ID = "00000000-0000-0000-0000-000000000000";

export class ApiError extends Error {
  /**
   * @param {ErrorKind} kind
   * @param {{error?: string, fields?: Record<string, string>, assignment?: Assignment}} [body]
   */
  constructor(kind, body = {}) {
    super(body.error ?? "");
    this.kind = kind;
    this.fields = body.fields ?? {};
    this.assignment = body.assignment ?? null;
  }
}

export class Api {
  /**
   * @param {object} options
   * @param {typeof fetch} options.fetch
   * @param {() => string} options.token - the CSRF token in force; it changes with every sign-in
   * @param {string} [options.person] - the pseudonym of whose page this is, so that nothing is stored in another's name
   * @param {(news: News) => void} [options.noticed] - told what the server says has changed since the page was opened
   * @param {string} options.nextUrl
   * @param {string} [options.aheadUrl]
   * @param {string} [options.anchorsUrl]
   * @param {string} options.assignmentUrl - the address of the assignment with an id of zeros
   */
  constructor({ fetch, token, person = "", noticed = () => {}, nextUrl, aheadUrl = "", anchorsUrl = "", assignmentUrl }) {
    this.fetch = fetch;
    this.token = token;
    this.person = person;
    this.noticed = noticed;
    this.nextUrl = nextUrl;
    this.aheadUrl = aheadUrl;
    this.anchorsUrl = anchorsUrl;
    this.assignmentUrl = assignmentUrl;
  }

  /** @returns {Promise<NextAssignment>} */
  nextAssignment() {
    return this.send("POST", this.nextUrl, {});
  }

  /** @returns {Promise<{anchors: import("./assignment.js").Anchor[]}>} images with known levels, to compare with */
  anchorImages() {
    return this.send("GET", this.anchorsUrl);
  }

  /** @returns {Promise<{images: import("./assignment.js").Image[]}>} those that are likely to come next */
  upcomingImages() {
    return this.send("GET", this.aheadUrl);
  }

  /**
   * @param {string} id
   * @param {number} [since] - to be told as well how the rubric differs from this version of it
   * @returns {Promise<{assignment: Assignment, progress: Progress, rubric_changes?: Api.RubricChange[]}>}
   */
  showAssignment(id, since) {
    return this.send("GET", this.assignmentUrl.replace(ANY_ID, id) + (since ? `?since=${since}` : ""));
  }

  /**
   * @param {string} id
   * @param {number} version
   * @param {object} draft
   * @returns {Promise<number>} the draft's new version
   */
  async saveDraft(id, version, draft) {
    return (await this.send("PUT", this.address(id, "draft"), { version, draft })).version;
  }

  /**
   * @param {string} id
   * @param {"commit" | "revise" | "correct" | "skip" | "take-back" | "question" | "heartbeat"} verb
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  post(id, verb, body = {}) {
    return this.send("POST", this.address(id, verb), body);
  }

  /**
   * Store an annotation.
   *
   * @param {string} id
   * @param {"commit" | "revise" | "correct"} verb
   * @param {import("./assignment.js").Sent} body
   * @param {{next: boolean}} options - whether what comes next is handed out with it, where this image is done
   * @returns {Promise<{assignment: Assignment, progress: Progress, next?: NextAssignment}>}
   */
  store(id, verb, body, { next }) {
    return this.send("POST", this.address(id, verb) + (next ? "?next" : ""), body);
  }

  /**
   * @param {string} id
   * @param {string} verb
   */
  address(id, verb) {
    return `${this.assignmentUrl.replace(ANY_ID, id)}${verb}/`;
  }

  /**
   * @param {string} method
   * @param {string} url
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  async send(method, url, body) {
    const fetch = this.fetch;
    const marks = { "x-csrftoken": this.token(), "x-person": this.person };
    let response;
    try {
      response = await fetch(url, {
        method,
        headers: { "content-type": "application/json", accept: "application/json", ...marks },
        body: JSON.stringify(body),
        credentials: "same-origin",
        signal: AbortSignal.timeout(LONGEST_WAIT),
      });
    } catch {
      throw new ApiError("unavailable");
    }
    const content = await response.json().catch(() => ({}));
    if (!response.ok) throw new ApiError(errorKind(response.status, content), content);
    if (content.campaign_state || content.rubric_version) this.noticed(content);
    return content;
  }
}

/**
 * @param {number} status
 * @param {{signed_out?: boolean}} body
 * @returns {ErrorKind}
 */
export function errorKind(status, body) {
  if (body.signed_out || status === 401) return "signed-out";
  if (status === 409) return "conflict";
  if (status === 400) return "invalid";
  if (status === 404) return "gone";
  if (status === 410) return "withdrawn";
  return status >= 500 || status === 429 ? "unavailable" : "refused";
}
