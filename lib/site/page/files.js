/** The files that a person chooses or drops, a folder's among them. */

/** Files of a folder that are looked at. */
const MOST = 1000;

/**
 * Files of a field.
 *
 * @param {FileList} list
 * @returns {{ name: string, blob: Blob }[]}
 */
export function chosenIn(list) {
  return [...list].slice(0, MOST).map((blob) => ({ name: blob.name, blob }));
}

/**
 * Files that were dropped, those of folders too.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<{ name: string, blob: Blob }[]>}
 */
export async function droppedIn(transfer) {
  // At once: what was dropped can be asked for during the event only.
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry);
  if (entries.length === 0) return chosenIn(transfer.files);
  const files = [];
  for (const entry of entries) await gather(entry, files);
  return files;
}

async function gather(entry, files) {
  if (files.length >= MOST) return;
  if (entry.isFile) {
    const blob = await new Promise((...told) => entry.file(...told));
    files.push({ name: blob.name, blob });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((...told) => reader.readEntries(...told));
    if (some.length === 0) return;
    for (const one of some) await gather(one, files);
  }
}
