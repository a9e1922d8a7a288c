/**
 * The project's folder, lent to a test: its sources linked into a temporary
 * folder, where commands are run and leave their files.
 *
 * @module
 */

import { writeFileAtomic } from "../../lib/files.ts";

/** What commands and tasks read of the project. */
const LINKED = [
  "cli.ts",
  "configs",
  "data/sample",
  "deno.json",
  "kernels",
  "lib",
  "mod.ts",
  "models",
  "node_modules",
  "tools",
  "vendor",
];

/**
 * Lends the folder, and removes it afterwards.
 *
 * @param files What else is in it, by name.
 * @param work What is done there.
 */
export async function inProjectFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const root = new URL("../..", import.meta.url).pathname;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/data`);
    for (const name of LINKED) {
      // With packages from JSR and a global cache there are no such folders.
      const there = await Deno.stat(`${root}${name}`).catch(() => undefined);
      if (there === undefined) continue;
      await Deno.symlink(`${root}${name}`, `${folder}/${name}`, {
        type: there.isDirectory ? "dir" : "file",
      });
    }
    for (const [name, content] of Object.entries(files)) {
      await writeFileAtomic(`${folder}/${name}`, content);
    }
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The tasks of the project. */
export const TASKS: Readonly<Record<string, { readonly command: string }>> =
  JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  ).tasks;

/**
 * What a task runs, with the permissions that it has.
 *
 * @param task Its name.
 * @param args What follows on the command line.
 */
export function taskLine(task: string, ...args: string[]): string[] {
  const [program, ...words] = TASKS[task].command.split(" ");
  if (program !== "deno") throw new Error(`${task} runs ${program}`);
  return [Deno.execPath(), ...words, ...args];
}

/** A model that trains in no time. */
export const TINY_MODEL = `architecture = "rwkv7"
vocab_size = 600
d_model = 64
n_layers = 2
d_ffn = 128
max_seq_len = 32
`;

/** A page of legislation. */
export const LAW_PAGE = `<html><body><p>LEI Nº 8, DE 3 DE MAIO DE 1999</p>
<p>Art. 1º O barco é de quem rema, e o remo é de quem o fez.</p>
<p>Art. 2º Quem achar um remo sem dono procure o barco de que ele caiu, e quem
achar um barco sem remo espere na margem até que alguém apareça.</p>
</body></html>`;

/** A book of a few paragraphs. */
export const BOOK = Array.from(
  { length: 30 },
  (_, i) =>
    `No dia ${i + 1} a cidade acordou cedo e a feira já tinha peixe, mas ninguém
sabia quem era o homem da casa ${i % 7}, nem o que ele queria dos vizinhos.`,
).join("\n\n");
