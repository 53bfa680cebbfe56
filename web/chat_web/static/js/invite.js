// A new invitation's link: copied, or given to the system's own way of sharing. Without either it can still be selected.
/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

const shown = find("#invite-link");
const copy = find("#copy");
const share = find("#share");
const link = shown.textContent ?? "";

// The clipboard is for secure contexts only: on plain http in a LAN the selection is copied as of old.
async function putIntoClipboard() {
  if (navigator.clipboard)
    return navigator.clipboard.writeText(link).then(
      () => true,
      () => false,
    );
  getSelection()?.selectAllChildren(shown);
  return document.execCommand("copy");
}

copy.hidden = false;
copy.addEventListener("click", async () => {
  if (await putIntoClipboard()) copy.textContent = copy.dataset.done ?? "";
  else getSelection()?.selectAllChildren(shown);
});

if (navigator.share) {
  share.hidden = false;
  share.addEventListener("click", () => navigator.share({ text: share.dataset.text, url: link }).catch(() => {}));
}
