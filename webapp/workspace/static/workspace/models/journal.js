// @ts-check
/**
 * Keep a copy of what is not stored on the server yet in this browser's IndexedDB, apart by person and assignment. The
 * databases are handed in.
 *
 * A write that has begun arrives even when the page is closed or crashes right after it; writes keep their order.
 *
 * @typedef {{version: number, state: string, draft: any, at: number}} DraftCopy - version: the draft's on the server that
 *   this one builds on; state: the assignment's; at: when it was written, in milliseconds
 * @typedef {DraftCopy & {stamp: string}} Entry - stamp: which page wrote it, and its how manieth
 */

const DATABASE = "connoisseur";
const STORE = "drafts";
const DAY = 24 * 60 * 60 * 1000;

/** Copies of annotations that were never finished are dropped after this time. */
export const KEPT_FOR = 60 * DAY;

export class Journal {
  /**
   * @param {() => IDBFactory} databases - request each time, as a browser may refuse them
   * @param {string} person - the pseudonym of who is signed in
   * @param {string} assignment
   */
  constructor(databases, person, assignment) {
    this.databases = databases;
    this.key = [person, assignment];
    this.page = Math.random().toString(36).slice(2);
    this.writes = 0;
    /** What this page wrote or read last: another tab's copy is not ours to clear. */
    this.stamp = "";
    /** @type {Promise<IDBDatabase> | null} */
    this.opened = null;
  }

  /**
   * @param {DraftCopy} copy
   * @returns {Promise<boolean>} whether it is kept
   */
  write(copy) {
    this.writes += 1;
    const entry = { ...copy, stamp: `${this.page} ${this.writes}` };
    this.stamp = entry.stamp;
    return this.attempt((store) => void store.put(entry, this.key));
  }

  /** @returns {Promise<DraftCopy | null>} */
  async read() {
    /** @type {DraftCopy | null} */
    let copy = null;
    await this.attempt((store) => {
      const request = store.get(this.key);
      request.onsuccess = () => {
        const entry = /** @type {Entry | undefined} */ (request.result);
        if (!entry || typeof entry.version !== "number" || typeof entry.draft !== "object") return;
        const { stamp, ...rest } = entry;
        this.stamp = stamp;
        copy = rest;
      };
    });
    return copy;
  }

  clear() {
    const { stamp } = this;
    return this.attempt((store) => {
      const request = store.get(this.key);
      request.onsuccess = () => {
        if (request.result?.stamp === stamp) store.delete(this.key);
      };
    });
  }

  /**
   * Drop copies too old to be of use to anybody.
   *
   * @param {number} now - in milliseconds
   */
  prune(now) {
    return this.attempt((store) => {
      const request = store.openCursor();
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return;
        if (now - cursor.value.at > KEPT_FOR) cursor.delete();
        cursor.continue();
      };
    });
  }

  /**
   * @param {(store: IDBObjectStore) => void} use
   * @returns {Promise<boolean>} false when the browser refuses its storage, or it is full
   */
  async attempt(use) {
    try {
      this.opened ??= open(this.databases());
      const transaction = (await this.opened).transaction(STORE, "readwrite");
      use(transaction.objectStore(STORE));
      await finished(transaction);
      return true;
    } catch {
      this.opened = null; // Such as after the person has cleared this site's data: the next one opens it anew.
      return false;
    }
  }
}

/**
 * @param {IDBFactory} databases
 * @returns {Promise<IDBDatabase>}
 */
function open(databases) {
  return new Promise((resolve, reject) => {
    const request = databases.open(DATABASE, 1);
    request.onupgradeneeded = () => void request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked by another page"));
  });
}

/**
 * @param {IDBTransaction} transaction
 * @returns {Promise<void>}
 */
function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
