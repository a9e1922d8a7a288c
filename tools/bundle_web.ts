/**
 * Bundles of the library for hosts that are not Deno, by esbuild: modules in one
 * file each, packages of npm and WGSL among them.
 *
 * esbuild looks for packages in folders, and Deno keeps them elsewhere: what is
 * needed is linked into a folder for the time of the build.
 *
 * @module
 */

import * as esbuild from "npm:esbuild@0.28.0";

/** How a bundle is made. */
export interface BundleOptions {
  /** Where it shall run. Default "browser". */
  readonly platform?: "browser" | "neutral";
  /** Whether names and spaces are shortened. Default true. */
  readonly minify?: boolean;
  /** Whether what several entries share becomes a file of its own. */
  readonly splitting?: boolean;
}

/** A file of a bundle. */
export interface BundledFile {
  /** Its name, such as `model.js`. */
  readonly name: string;
  /** What is in it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The project's folder. */
const ROOT = new URL("../", import.meta.url).pathname;

/**
 * Bundles modules.
 *
 * @param entries Paths from the project's folder, by the names they shall have.
 * @param options What it is for.
 * @returns The files, the entries' first.
 * @throws {Error} When something that is imported is not there.
 */
export async function bundleForWeb(
  entries: Readonly<Record<string, string>>,
  { platform = "browser", minify = true, splitting = false }: BundleOptions =
    {},
): Promise<BundledFile[]> {
  const packages = await linkedPackages(Object.values(entries));
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: Object.fromEntries(
        Object.entries(entries).map(([name, path]) => [name, ROOT + path]),
      ),
      absWorkingDir: ROOT,
      bundle: true,
      charset: "utf8",
      format: "esm",
      logLevel: "silent", // its errors are thrown
      metafile: true,
      minify,
      nodePaths: [packages],
      outdir: "/bundle",
      platform,
      plugins: [npmSpecifiers(packages), plainWgsl],
      splitting,
      // Before `using`, which not all browsers know.
      target: "es2022",
      write: false,
    });
    return outputFiles.map(({ path, contents }) => ({
      name: path.slice("/bundle/".length),
      bytes: contents as Uint8Array<ArrayBuffer>,
    }));
  } finally {
    await esbuild.stop();
    await Deno.remove(packages, { recursive: true });
  }
}

/** Packages as Deno has them, `npm:name@version`. */
function npmSpecifiers(packages: string): esbuild.Plugin {
  return {
    name: "npm",
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^npm:/ }, async ({ path, kind }) => {
        const name = /^npm:(@?[^@]+)@[^/]+(\/.*)?$/.exec(path)!;
        return await resolve(name[1] + (name[2] ?? ""), {
          kind,
          resolveDir: packages,
        });
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

/** What `deno info` tells of a package. */
interface KnownPackage {
  readonly name: string;
  readonly localPath: string;
}

/** A folder with all packages that modules need. */
async function linkedPackages(paths: readonly string[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const path of paths) {
    const { stdout, stderr, success } = await new Deno.Command(
      Deno.execPath(),
      { args: ["info", "--json", ROOT + path], cwd: ROOT },
    ).output();
    if (!success) {
      throw new Error(
        `Cannot bundle ${path}: ${new TextDecoder().decode(stderr).trim()}`,
      );
    }
    const { npmPackages } = JSON.parse(new TextDecoder().decode(stdout));
    for (const one of Object.values<KnownPackage>(npmPackages ?? {})) {
      const link = `${folder}/${one.name}`;
      if (one.name.includes("/")) {
        await Deno.mkdir(link.replace(/\/[^/]+$/, ""), { recursive: true });
      }
      try {
        await Deno.symlink(one.localPath, link);
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
    }
  }
  return folder;
}
