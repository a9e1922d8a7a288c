/**
 * Bundles of the library for hosts that are not Deno, by esbuild: modules in one
 * file each, packages and WGSL among them.
 *
 * What a module imports is found out by `deno info`, which knows of import maps
 * and registries; esbuild looks for packages in folders, so those that are
 * needed are linked into one for the time of the build.
 *
 * @module
 */

import * as esbuild from "npm:esbuild@0.28.2";

/** How a bundle is made. */
export interface BundleOptions {
  /** Whether names and spaces are shortened. Default true. */
  readonly minify?: boolean;
  /** Whether what several entries share becomes a file of its own. */
  readonly splitting?: boolean;
  /** What is asked first where a module is and what is in it. */
  readonly plugins?: readonly esbuild.Plugin[];
  /** Changes to sources, by their paths from the project's folder. */
  readonly replace?: Readonly<Record<string, (source: string) => string>>;
}

/** A file of a bundle. */
export interface BundledFile {
  /** Its name, such as `model.js`. */
  readonly name: string;
  /** What is in it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Files of the bundle that are loaded with it. */
  readonly needs?: readonly string[];
  /** The module that it was asked for, or is imported, as. */
  readonly entry?: string;
}

/**
 * A module of a bundle is no file that could be started again as a Worker of its
 * own, so work that comes in batches is done by the thread that asks for it.
 */
const IN_ONE_THREAD: Required<BundleOptions>["replace"] = {
  "lib/workers.ts": (source) => {
    const condition = "if (threads <= 1) {";
    if (!source.includes(condition)) {
      throw new Error(`Cannot bundle lib/workers.ts: it has no ${condition}`);
    }
    return source.replace(condition, "if (true) {");
  },
};

/** The project's folder. */
const ROOT = new URL("../", import.meta.url).pathname;

/**
 * Bundles modules for browsers.
 *
 * @param entries Paths from the project's folder, by the names they shall have.
 * @param options What it is for.
 * @returns The files.
 * @throws {Error} When something that is imported is not there.
 */
export async function bundleForWeb(
  entries: Readonly<Record<string, string>>,
  options: BundleOptions = {},
): Promise<BundledFile[]> {
  const { minify = true, splitting = false } = options;
  const graph = await graphOf(Object.values(entries));
  const packages = await linked(graph.packages);
  try {
    const { outputFiles, metafile } = await esbuild.build({
      entryPoints: Object.fromEntries(
        Object.entries(entries).map(([name, path]) => [name, ROOT + path]),
      ),
      absWorkingDir: ROOT,
      bundle: true,
      charset: "utf8",
      chunkNames: "part-[hash]",
      format: "esm",
      logLevel: "silent", // its errors are thrown
      metafile: true,
      minify,
      nodePaths: [packages],
      outdir: "/bundle",
      platform: "browser",
      plugins: [
        ...options.plugins ?? [],
        modules(graph, packages),
        plainWgsl,
        replacing({ ...IN_ONE_THREAD, ...options.replace }),
      ],
      splitting,
      target: "es2022", // before `using`, which not all browsers know
      write: false,
    });
    const about = new Map(
      Object.entries(metafile.outputs).map(([path, it]) => [nameOf(path), it]),
    );
    return outputFiles.map(({ path, contents }) => {
      const { entryPoint: entry, imports } = about.get(nameOf(path))!;
      return {
        name: nameOf(path),
        bytes: contents as Uint8Array<ArrayBuffer>,
        entry,
        needs: imports.filter(({ kind }) => kind === "import-statement")
          .map(({ path }) => nameOf(path)),
      };
    });
  } finally {
    await esbuild.stop();
    await Deno.remove(packages, { recursive: true });
  }
}

/** The name of a file of the bundle, which has no folders. */
function nameOf(path: string): string {
  return path.replace(/^.*[/\\]/, "");
}

/** A module as `deno info` tells of it. */
interface KnownModule {
  readonly specifier: string;
  /** Its file; none of what is vendored. */
  readonly local?: string;
  readonly mediaType?: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
  }[];
}

/** All that modules import, near or far. */
interface Graph {
  readonly modules: ReadonlyMap<string, KnownModule>;
  readonly redirects: Readonly<Record<string, string>>;
  /** Where packages of npm are, by name. */
  readonly packages: ReadonlyMap<string, string>;
}

async function graphOf(paths: readonly string[]): Promise<Graph> {
  const modules = new Map<string, KnownModule>();
  const packages = new Map<string, string>();
  const redirects: Record<string, string> = {};
  for (const path of paths) {
    const { stdout, stderr, success } = await new Deno.Command(
      Deno.execPath(),
      { args: ["info", "--json", ROOT + path], cwd: ROOT },
    ).output();
    if (!success) {
      const reason = new TextDecoder().decode(stderr).trim();
      throw new Error(`Cannot bundle ${path}: ${reason}`);
    }
    const info = JSON.parse(new TextDecoder().decode(stdout));
    for (const module of info.modules) modules.set(module.specifier, module);
    Object.assign(redirects, info.redirects);
    for (
      const { name, localPath } of Object.values<Record<string, string>>(
        info.npmPackages ?? {},
      )
    ) packages.set(name, localPath);
  }
  return { modules, redirects, packages };
}

/** A folder of packages, as esbuild looks for them. */
async function linked(packages: Graph["packages"]): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [name, path] of packages) {
    const link = `${folder}/${name}`;
    await Deno.mkdir(link.replace(/\/[^/]+$/, ""), { recursive: true });
    await Deno.symlink(path, link);
  }
  return folder;
}

/** What modules import, as Deno finds it. */
function modules(graph: Graph, packages: string): esbuild.Plugin {
  const found = (importer: string, wanted: string) => {
    const { dependencies = [] } = graph.modules.get(importer) ?? {};
    const to = dependencies.find(({ specifier }) => specifier === wanted)?.code
      ?.specifier;
    return to === undefined ? undefined : graph.redirects[to] ?? to;
  };
  return {
    name: "deno",
    setup({ onResolve, onLoad, resolve }) {
      onResolve(
        { filter: /./ },
        async ({ path, importer, kind, namespace }) => {
          if (importer === "" || path.startsWith("/")) return;
          const from = namespace === "remote" ? importer : `file://${importer}`;
          const to = found(from, path);
          if (to === undefined) return; // a package's own import
          if (to.startsWith("file://")) return { path: new URL(to).pathname };
          const npm = /^npm:\/?(@?[^@]+)@[^/]+(\/.*)?$/.exec(to);
          if (npm === null) return { path: to, namespace: "remote" };
          const [, name, within = ""] = npm;
          return await resolve(name + within, { kind, resolveDir: packages });
        },
      );
      onLoad({ filter: /./, namespace: "remote" }, async ({ path }) => {
        const {
          mediaType,
          local = `${ROOT}vendor/${path.replace(/^https:\/\//, "")}`,
        } = graph.modules.get(path)!;
        return {
          contents: await Deno.readTextFile(local),
          loader: mediaType === "TypeScript" ? "ts" : "js",
        };
      });
    },
  };
}

/** WGSL without what only people read; directives are comments too. */
const plainWgsl: esbuild.Plugin = {
  name: "wgsl",
  setup({ onLoad }) {
    onLoad({ filter: /\.wgsl$/ }, async ({ path }) => ({
      contents: (await Deno.readTextFile(path))
        .replaceAll(/^\s*\/\/(?!:).*\n/gm, "")
        .replaceAll(/ +\/\/(?!:).*$/gm, "")
        .replaceAll(/^\n/gm, ""),
      loader: "text",
    }));
  },
};

/** Sources that a bundle has otherwise. */
function replacing(
  changes: Required<BundleOptions>["replace"],
): esbuild.Plugin {
  return {
    name: "replace",
    setup({ onLoad }) {
      for (const [path, change] of Object.entries(changes)) {
        const filter = new RegExp(`/${path.replaceAll(".", "\\.")}$`);
        onLoad({ filter, namespace: "file" }, async ({ path }) => ({
          contents: change(await Deno.readTextFile(path)),
          loader: "ts",
        }));
      }
    },
  };
}
