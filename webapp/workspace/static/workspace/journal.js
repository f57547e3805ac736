// @ts-check
/**
 * Keep a copy of what is not stored on the server yet, in this browser, apart by person and assignment. Free of the
 * page: the storage is handed in.
 *
 * @typedef {{version: number, state: string, draft: any, at: number}} Copy - version: the draft's on the server that
 *   this one builds on; state: the assignment's; at: when it was written, in milliseconds
 * @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">} Store
 */

const PREFIX = "connoisseur.draft";
const DAY = 24 * 60 * 60 * 1000;

/** Copies of answers that were never finished are dropped after this time. */
export const KEPT_FOR = 60 * DAY;

export class Journal {
  /**
   * @param {() => Store} storage - asked each time, as a browser may refuse it
   * @param {string} person - the pseudonym of who is signed in
   * @param {string} assignment
   */
  constructor(storage, person, assignment) {
    this.storage = storage;
    this.key = `${PREFIX}.${person}.${assignment}`;
    /** What this page wrote last: another tab's copy is not ours to clear. */
    this.written = "";
  }

  /**
   * @param {Copy} copy
   * @returns {boolean} whether it is kept
   */
  write(copy) {
    this.written = JSON.stringify(copy);
    return this.attempt((storage) => storage.setItem(this.key, this.written)) !== null;
  }

  /** @returns {Copy | null} */
  read() {
    const text = this.attempt((storage) => storage.getItem(this.key)) ?? null;
    if (!text) return null;
    try {
      const copy = JSON.parse(text);
      if (!copy || typeof copy.version !== "number" || typeof copy.draft !== "object") return null;
      this.written = text;
      return copy;
    } catch {
      return null;
    }
  }

  clear() {
    this.attempt((storage) => {
      if (storage.getItem(this.key) === this.written) storage.removeItem(this.key);
    });
  }

  /**
   * Drop copies too old to be of use to anybody.
   *
   * @param {number} now - in milliseconds
   */
  prune(now) {
    this.attempt((storage) => {
      const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
      for (const key of keys.filter((key) => key.startsWith(`${PREFIX}.`))) {
        const at = Number(/"at":(\d+)/.exec(storage.getItem(key) ?? "")?.[1] ?? 0);
        if (now - at > KEPT_FOR) storage.removeItem(key);
      }
    });
  }

  /**
   * @template T
   * @param {(storage: Store) => T} use
   * @returns {T | null} null when the browser refuses its storage, or it is full
   */
  attempt(use) {
    try {
      return use(this.storage());
    } catch {
      return null;
    }
  }
}
