/**
 * Makes the `jsr:@std/*` imports resolvable where npm is all that answers.
 *
 * With JSR reachable, or `vendor/` already filled, this does nothing: Deno
 * fetches and vendors the packages itself. Otherwise it lays out `vendor/` as
 * Deno would, from the npm package `deno-std` (the same sources as plain
 * JavaScript), and adds the types of what this project imports.
 *
 * Run by the tasks as a dependency; it must not import anything from JSR.
 *
 * @module
 */

const VENDOR = "vendor/jsr.io/@std";
const MIRROR = "npm:deno-std@1.4.0";
/** SHA-256 over the copied files, so that the mirror cannot change silently. */
const MIRROR_SHA256 =
  "0c7359f5783c6225403819380afac197ca748ca30d5488b6b6fcd4144dcbfe3d";

/** Versions the mirror holds; those in deno.json must equal them. */
const PACKAGES = {
  assert: "1.0.19",
  bytes: "1.0.7",
  cli: "1.0.32",
  internal: "1.0.14",
  streams: "1.1.2",
} as const;

/** The declarations that stand in for the types the mirror lacks. */
const DECLARATIONS: Record<string, string> = {
  "assert/mod.js": "std_assert.d.ts",
  "cli/parse_args.js": "std_parse_args.d.ts",
  "streams/text_line_stream.js": "std_text_line_stream.d.ts",
};

if (import.meta.main) await main();

async function main(): Promise<void> {
  if (
    await isVendored() || await answers("https://jsr.io/@std/cli/meta.json")
  ) {
    return;
  }
  const entry = `${MIRROR}/assert/mod.js`;
  await import(entry); // brings the package; only then has it a place on disk
  const root = new URL("..", import.meta.resolve(entry));
  const packages = new Map<string, Map<string, string>>();
  for (const name of Object.keys(PACKAGES)) {
    packages.set(name, await readPackage(root, name));
  }
  const digest = await digestOf(packages);
  if (digest !== MIRROR_SHA256) {
    console.error(
      `error: Cannot set up @std: ${MIRROR} has SHA-256 ${digest}, expected ${MIRROR_SHA256}`,
    );
    Deno.exit(1);
  }
  for (const [name, files] of packages) await writePackage(name, files);
}

/** True when every package has been vendored, by Deno or by an earlier run. */
async function isVendored(): Promise<boolean> {
  for (const [name, version] of Object.entries(PACKAGES)) {
    try {
      await Deno.stat(`${VENDOR}/${name}/${version}_meta.json`);
    } catch {
      return false;
    }
  }
  return true;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** The public modules of one package: file name to source. */
async function readPackage(
  root: URL,
  name: string,
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const { name: file } of Deno.readDir(new URL(`${name}/`, root))) {
    // A prompt that needs a package of its own; nothing public imports it.
    if (file === "_prompt_select.js" || !file.endsWith(".js")) continue;
    const source = await Deno.readTextFile(new URL(`${name}/${file}`, root));
    files.set(file, linkToSiblings(source));
  }
  return new Map([...files].sort(([a], [b]) => a < b ? -1 : 1));
}

/** `../internal/build_message.js` becomes `jsr:@std/internal@^1.0.12/build-message`. */
function linkToSiblings(source: string): string {
  return source.replace(
    /"\.\.\/(internal|bytes)\/(\w+)\.js"/g,
    (_, name: keyof typeof PACKAGES, file: string) =>
      `"jsr:@std/${name}@^${PACKAGES[name]}${
        exportName(`${file}.js`).slice(1)
      }"`,
  );
}

/** `parse_args.js` is imported as `./parse-args`, `mod.js` as `.`. */
function exportName(file: string): string {
  return file === "mod.js"
    ? "."
    : `./${file.replace(/\.js$/, "").replaceAll("_", "-")}`;
}

async function digestOf(
  packages: Map<string, Map<string, string>>,
): Promise<string> {
  const all = JSON.stringify([...packages].map(([k, v]) => [k, [...v]]));
  return await sha256(new TextEncoder().encode(all));
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Writes a package in the layout of Deno's own vendor folder. */
async function writePackage(
  name: string,
  files: Map<string, string>,
): Promise<void> {
  const version = PACKAGES[name as keyof typeof PACKAGES];
  const folder = `${VENDOR}/${name}/${version}`;
  await Deno.mkdir(folder, { recursive: true });
  const manifest: Record<string, { size: number; checksum: string }> = {};
  const exports: Record<string, string> = {};
  const write = async (file: string, source: string) => {
    const bytes = new TextEncoder().encode(source);
    await Deno.writeFile(`${folder}/${file}`, bytes);
    manifest[`/${file}`] = {
      size: bytes.length,
      checksum: `sha256-${await sha256(bytes)}`,
    };
  };
  for (const [file, source] of files) {
    const declaration = DECLARATIONS[`${name}/${file}`];
    if (declaration !== undefined) {
      const types = file.replace(/\.js$/, ".d.ts");
      await write(
        types,
        await Deno.readTextFile(new URL(declaration, import.meta.url)),
      );
      await write(file, `/* @ts-self-types="./${types}" */\n${source}`);
    } else {
      await write(file, source);
    }
    if (!file.startsWith("_")) exports[exportName(file)] = `./${file}`;
  }
  await Deno.writeTextFile(
    `${VENDOR}/${name}/meta.json`,
    JSON.stringify({
      scope: "std",
      name,
      latest: version,
      versions: { [version]: {} },
    }),
  );
  // Last: its presence says that the package is complete.
  await Deno.writeTextFile(
    `${VENDOR}/${name}/${version}_meta.json`,
    JSON.stringify({ manifest, exports }),
  );
}
