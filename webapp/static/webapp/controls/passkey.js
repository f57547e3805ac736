// @ts-check
/**
 * Make a passkey, or sign with one, and send what came of it with the form.
 *
 * Where a browser gives pages no passkeys, as over plain HTTP from another machine, the form stays hidden and what is
 * marked as its absence shows.
 *
 * Expects: <form data-passkey="create" or "get" hidden> with <input name="credential">, [data-passkey-failed], and the
 * options in a <script type="application/json" id="…"> named by data-options, or at the address in data-options-url;
 * [data-passkey-missing hidden] elsewhere on the page.
 */

/** What every browser with passkeys has by now, and the types of TypeScript do not all know. */
const Passkeys = /** @type {any} */ (window.PublicKeyCredential);

/** @param {HTMLFormElement} form */
async function readOptions(form) {
  const { options = "", optionsUrl = "" } = form.dataset;
  if (!optionsUrl) return JSON.parse(document.getElementById(options)?.textContent ?? "{}").publicKey;
  const answer = await fetch(optionsUrl, { headers: { accept: "application/json" }, cache: "no-store" });
  return (await answer.json()).publicKey;
}

/** @param {HTMLFormElement} form */
async function sign(form) {
  const options = await readOptions(form);
  if (form.dataset.passkey === "get") {
    return navigator.credentials.get({ publicKey: Passkeys.parseRequestOptionsFromJSON(options) });
  }
  // One that signs in by itself: kept by the device, and opened by its owner only.
  const selection = { ...options.authenticatorSelection, residentKey: "required", requireResidentKey: true };
  const own = { ...options, authenticatorSelection: { ...selection, userVerification: "required" } };
  return navigator.credentials.create({ publicKey: Passkeys.parseCreationOptionsFromJSON(own) });
}

/** @param {HTMLFormElement} form */
async function send(form) {
  const failed = form.querySelector("[data-passkey-failed]");
  if (failed instanceof HTMLElement) failed.hidden = true;
  try {
    const credential = /** @type {any} */ (await sign(form));
    const field = form.elements.namedItem("credential");
    if (field instanceof HTMLInputElement) field.value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch {
    // Refused, or given up: the browser has said why.
    if (failed instanceof HTMLElement) failed.hidden = false;
  }
}

const isPossible = Boolean(Passkeys?.parseCreationOptionsFromJSON) && !/^[\d.]+$|^\[/.test(location.hostname);

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!(form instanceof HTMLFormElement)) continue;
  form.hidden = !isPossible;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
for (const note of document.querySelectorAll("[data-passkey-missing]")) {
  if (note instanceof HTMLElement) note.hidden = isPossible;
}
