/**
 * The library for npm, from the same sources: the entries that run anywhere, as
 * ES modules with their types, in `dist/npm`.
 *
 *     deno task build-npm
 *
 * A program's bundler does not know of the workers that a library starts, so the
 * script of the CPU backend's threads is in the modules as text, and beside them
 * as `thread.js` for pages whose policy forbids what comes from `blob:`.
 *
 * @module
 */

import ts from "npm:typescript@5.9.3";
import { type Output, processOutput } from "../lib/commands/shared/output.ts";
import { bundleForWeb } from "./bundle_web.ts";

/** Where the package goes. */
const FOLDER = "dist/npm";

/** The entries, by their subpaths. */
export const ENTRIES = {
  model: "lib/model/mod.ts",
  tokenizer: "lib/tokenizer/mod.ts",
  cleaning: "lib/cleaning/mod.ts",
} as const;

/** What the threads run. */
const THREAD = "lib/backend/cpu/web_host.ts";

/** Where the types of WebGPU are that compilers may lack. */
const GPU_FILE = "webgpu.d.ts";
/**
 * As little of them as our types speak of. Where a compiler, or a program's
 * `@webgpu/types`, knows them, these are the same interfaces.
 */
const GPU_TYPES = `interface GPUAdapter {
  readonly limits: GPUSupportedLimits;
  readonly info: GPUAdapterInfo;
}
interface GPUAdapterInfo {}
interface GPUBuffer {}
interface GPUCommandEncoder {}
interface GPUComputePassEncoder {}
interface GPUDevice {}
interface GPUSupportedLimits {}
`;

/** The fields of deno.json that a package has too. */
interface Manifest {
  readonly version: string;
  readonly license: string;
}

/**
 * Builds the package.
 *
 * @param folder Where it shall stand; what is in the way is replaced.
 * @returns The sizes of its files in bytes, by name.
 * @throws {Error} When a source cannot be bundled or its types cannot be told.
 */
export async function buildNpm(
  folder: string = FOLDER,
): Promise<Map<string, number>> {
  const [thread] = await bundleForWeb({ thread: THREAD });
  const script = new TextDecoder().decode(thread.bytes);
  const modules = await bundleForWeb(ENTRIES, {
    splitting: true,
    replace: {
      [THREAD]: (code) =>
        code.replace("import.meta.url", "threadScript()") + `
        function threadScript() {
          const type = "text/javascript";
          return URL.createObjectURL(
            new Blob([${JSON.stringify(script)}], { type }),
          );
        }`,
    },
  });
  const { version, license }: Manifest = JSON.parse(
    await Deno.readTextFile("deno.json"),
  );
  const encoder = new TextEncoder();
  const names = Object.keys(ENTRIES);
  const all = names.map((name) => `export * from "./${name}.js";\n`).join("");
  const files = new Map<string, Uint8Array>([
    ...[thread, ...modules].map(({ name, bytes }) => [name, bytes] as const),
    ["index.js", encoder.encode(all)],
    [
      "types/index.d.ts",
      encoder.encode(
        names.map((name) =>
          `export * from "./${ENTRIES[name as keyof typeof ENTRIES]}";\n`
            .replace(/\.ts"/, '.js"')
        ).join(""),
      ),
    ],
    ["package.json", encoder.encode(packageJson(version, license))],
    [`types/${GPU_FILE}`, encoder.encode(GPU_TYPES)],
    ["LICENSE", await Deno.readFile("LICENSE")],
    ["README.md", await Deno.readFile("docs/library.md")],
  ]);
  for (const [path, text] of await declarations(Object.values(ENTRIES))) {
    files.set(`types/${path}`, encoder.encode(text));
  }
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  for (const [name, bytes] of files) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(path.replace(/\/[^/]+$/, ""), { recursive: true });
    await Deno.writeFile(path, bytes);
  }
  return new Map([...files].map(([name, { length }]) => [name, length]));
}

function packageJson(version: string, license: string): string {
  const entry = (file: string, types: string) => ({
    types: `./types/${types.replace(/\.ts$/, ".d.ts")}`,
    default: `./${file}.js`,
  });
  const manifest = {
    name: "ptbr-slm",
    version,
    description:
      "Small RWKV language models in Portuguese: models, tokenizers, cleaning",
    license,
    type: "module",
    sideEffects: false,
    exports: {
      ".": entry("index", "index.ts"),
      ...Object.fromEntries(
        Object.entries(ENTRIES).map((
          [name, path],
        ) => [`./${name}`, entry(name, path)]),
      ),
      "./thread.js": "./thread.js",
      "./package.json": "./package.json",
    },
    engines: { node: ">=24" },
  };
  return JSON.stringify(manifest, undefined, 2) + "\n";
}

/**
 * The types of modules and of all that they speak of, file by file: every export
 * says its type, so that no file need be understood together with another.
 */
async function declarations(
  entries: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const waiting = new Set(entries);
  for (const path of waiting) {
    const { outputText, diagnostics = [] } = ts.transpileDeclaration(
      await Deno.readTextFile(path),
      {
        fileName: path,
        reportDiagnostics: true,
        compilerOptions: {
          isolatedDeclarations: true,
          module: ts.ModuleKind.ESNext,
          stripInternal: true,
          target: ts.ScriptTarget.ESNext,
        },
      },
    );
    if (diagnostics.length > 0) {
      const [{ messageText }] = diagnostics;
      const reason = ts.flattenDiagnosticMessageText(messageText, " ");
      throw new Error(`Cannot tell the types of ${path}: ${reason}`);
    }
    // Examples in comments import too.
    const code = outputText.replaceAll(/\/\*[^]*?\*\//g, "");
    for (const [, to] of code.matchAll(/(?:from|import\()\s*"([^"]+)"/g)) {
      if (!to.startsWith(".")) {
        throw new Error(`Cannot tell the types of ${path}: it needs ${to}`);
      }
      const target = new URL(to, new URL(path, "file:///")).pathname.slice(1);
      if (target.endsWith(".ts")) waiting.add(target);
    }
    const types = withoutTwins(outputText)
      .replaceAll(/((?:from|import\()\s*"\.[^"]+)\.ts"/g, '$1.js"');
    const up = "../".repeat(path.split("/").length - 1);
    found.set(
      path.replace(/\.ts$/, ".d.ts"),
      /\bGPU[A-Z]/.test(code)
        ? `/// <reference path="${up}${GPU_FILE}" />\n${types}`
        : types,
    );
  }
  return found;
}

/**
 * The types without those of methods that are told twice: of what is called
 * `[Symbol.dispose]` the compiler tells as of a property too.
 */
function withoutTwins(types: string): string {
  const file = ts.createSourceFile("types.d.ts", types, ts.ScriptTarget.ESNext);
  const twins = file.statements.filter(ts.isClassDeclaration).flatMap(
    ({ members }) => {
      const nameOf = ({ name }: ts.ClassElement) => name?.getText(file);
      const methods = new Set(
        members.filter(ts.isMethodDeclaration).map(nameOf),
      );
      return members.filter((it) =>
        ts.isPropertyDeclaration(it) && methods.has(nameOf(it))
      );
    },
  );
  return twins.reduceRight(
    (rest, { pos, end }) => rest.slice(0, pos) + rest.slice(end),
    types,
  );
}

/** Builds it, with a sign of life. */
async function buildShown(screen: Output): Promise<Map<string, number>> {
  using bar = screen.progress("bundling");
  bar.update(0);
  return await buildNpm();
}

if (import.meta.main) {
  const screen = processOutput(false);
  const sizes = await buildShown(screen);
  const whole = sizes.values().reduce((sum, size) => sum + size, 0);
  screen.print(
    `${FOLDER}: ${sizes.size} files, ${(whole / 1000).toFixed(0)} kB`,
  );
}
