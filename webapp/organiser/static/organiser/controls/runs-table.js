/**
 * Keep the table of model runs up to date: every two seconds while one is running or just asked for, else every ten.
 *
 * Expects:
 *   <div data-runs="…address…" [data-reload: load the page anew when its run has ended]>
 *     <table>… <tbody><tr data-run="7" data-kind="prefill" data-state="running">
 *       <a data-link href="…/0/">, <span data-model>, <progress>, <td data-count="waiting|done|failed|total">
 *     <template><tr data-run="">…</tr></template>
 *   </div>
 *   <div data-no-runs> while there are none
 *
 * @typedef {{id: number, kind: string, model: string, state: string, waiting: number, done: number, failed: number, total: number}} Run
 */

const BUSY = 2000;
const QUIET = 10000;
// How long after the page was opened a run may still be about to start.
const FRESH = 15000;

/**
 * @param {HTMLElement} region - the element with data-runs
 * @param {Run} run - a run the table may not show yet
 * @returns {HTMLElement} its row
 */
function rowOf(region, run) {
  const currentRow = region.querySelector(`[data-run="${run.id}"]`);
  if (currentRow) return /** @type {HTMLElement} */ (currentRow);
  const template = /** @type {HTMLTemplateElement} */ (region.querySelector("template"));
  const row = /** @type {HTMLElement} */ (template.content.querySelector("tr")?.cloneNode(true));
  row.dataset.run = String(run.id);
  const link = /** @type {HTMLAnchorElement | null} */ (row.querySelector("[data-link]"));
  if (link) link.href = link.href.replace(/0\/$/, `${run.id}/`);
  region.querySelector("tbody")?.prepend(row);
  return row;
}

/**
 * @param {HTMLElement} row - a table row
 * @param {Run} run - what it is to show
 */
function show(row, run) {
  row.dataset.kind = run.kind;
  row.dataset.state = run.state;
  const model = row.querySelector("[data-model]");
  if (model) model.textContent = run.model;
  const bar = row.querySelector("progress");
  if (bar) {
    bar.max = run.total || 1;
    bar.value = run.total ? run.done : 1;
  }
  for (const cell of row.querySelectorAll("[data-count]")) {
    const name = /** @type {"waiting" | "done" | "failed" | "total"} */ (cell.getAttribute("data-count"));
    cell.textContent = String(run[name]);
  }
}

/**
 * @param {HTMLElement} region - the element with data-runs
 * @returns {Promise<boolean>} whether a run is running
 */
async function refresh(region) {
  const response = await fetch(region.dataset.runs ?? "", { headers: { accept: "application/json" } });
  if (!response.ok) return false;
  /** @type {{runs: Run[]}} */
  const { runs } = await response.json();
  for (const run of [...runs].reverse()) show(rowOf(region, run), run);
  region.hidden = runs.length === 0;
  document.querySelector("[data-no-runs]")?.toggleAttribute("hidden", runs.length > 0);
  const running = runs.some((run) => run.state === "running");
  if (!running && region.hasAttribute("data-reload")) location.reload();
  return running;
}

/** @param {HTMLElement} region - the element with data-runs */
async function poll(region) {
  let busy = false;
  try {
    busy = !document.hidden && (await refresh(region));
  } catch {
    // The network is away; the next round asks again.
  }
  setTimeout(() => poll(region), busy || performance.now() < FRESH ? BUSY : QUIET);
}

const region = /** @type {HTMLElement | null} */ (document.querySelector("[data-runs]"));
if (region) poll(region);
