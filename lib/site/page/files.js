/** The files that a person chooses or drops, a folder's among them. */

/** Files of a folder that are looked at. */
const MOST = 1000;

/**
 * Files of a field.
 *
 * @param {FileList} list
 * @returns {{ name: string, blob: Blob, folder?: string }[]}
 */
export function chosenIn(list) {
  return [...list].slice(0, MOST).map((blob) => chosen(blob));
}

/**
 * Files that were dropped, those of folders too.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<{ name: string, blob: Blob, folder?: string }[]>}
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

/** A file with the name of the folder that it stands in. */
function chosen(blob, path = blob.webkitRelativePath) {
  const folder = path?.split("/").at(-2) || undefined;
  return { name: blob.name, blob, folder };
}

async function gather(entry, files) {
  if (files.length >= MOST) return;
  if (entry.isFile) {
    const blob = await new Promise((...told) => entry.file(...told));
    files.push(chosen(blob, entry.fullPath));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((...told) => reader.readEntries(...told));
    if (some.length === 0) return;
    for (const one of some) await gather(one, files);
  }
}
