// @ts-check
/**
 * Keep the table of releases up to date while one is being built, or was just asked for.
 *
 * Expects: <div id="releases-table">, with [data-building] in it while a release is being built
 */

const EVERY = 2000;
// How long after the page was opened a build may still be about to start.
const FRESH = 15000;

const table = () => document.getElementById("releases-table");

async function refresh() {
  const response = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const newer = page.getElementById("releases-table");
  const focused = table()?.contains(document.activeElement);
  if (newer && !focused) table()?.replaceWith(newer);
}

async function poll() {
  try {
    if (!document.hidden) await refresh();
  } catch {
    // The network is away; the next round asks again.
  }
  wait();
}

function wait() {
  if (table()?.querySelector("[data-building]") || performance.now() < FRESH) setTimeout(poll, EVERY);
}

if (table()) wait();
