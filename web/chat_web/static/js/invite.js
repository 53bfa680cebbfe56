// A new invitation's link: copied, or given to the system's own way of sharing. Without either it can still be selected.
const shown = document.querySelector("#invite-link");
const copy = document.querySelector("#copy");
const share = document.querySelector("#share");
const link = shown.textContent;

// The clipboard is for secure contexts only: on plain http in a LAN the selection is copied as of old.
async function putIntoClipboard() {
  if (navigator.clipboard) return navigator.clipboard.writeText(link).then(() => true, () => false);
  getSelection().selectAllChildren(shown);
  return document.execCommand("copy");
}

copy.hidden = false;
copy.addEventListener("click", async () => {
  if (await putIntoClipboard()) copy.textContent = copy.dataset.done;
  else getSelection().selectAllChildren(shown);
});

if (navigator.share) {
  share.hidden = false;
  share.addEventListener("click", () => navigator.share({ text: share.dataset.text, url: link }).catch(() => {}));
}
