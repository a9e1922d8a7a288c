/**
 * Where a C BLAS may be: the system's own places, and Python's environments.
 * Whoever has numpy, scipy or conda has one.
 *
 * Python is not run. Its environments are found by the variables that name the
 * active one, by `.venv` beside this program, and by the `python3` on the PATH.
 * What the program was not allowed to read is passed over without a question, and
 * folders are looked into by name, so that their size does not matter; the
 * exceptions are small ones, such as `numpy.libs`.
 *
 * @module
 */

import { homedir } from "node:os";
import { isGranted } from "../../permissions.ts";

/** A library that may be one. */
export interface BlasPlace {
  /** A path; in the system's places, a name that the loader knows. */
  readonly path: string;
  /** What it came with, such as numpy; absent of the system's. */
  readonly owner?: string;
}

/** What the search depends on. */
export interface BlasHost {
  readonly os: typeof Deno.build.os;
  /** `VIRTUAL_ENV`, `CONDA_PREFIX` and `PATH`, as far as they may be read. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The user's home. */
  readonly home?: string;
  /** The folder of this program. */
  readonly program?: string;
}

/** Where a Python is installed, or an environment of one. */
interface Prefix {
  readonly folder: string;
  /** What the folder of its version is called; `python3.11`. */
  readonly version?: string;
}

/**
 * Names that the system's loader may know, best first. Fedora's
 * `libopenblas.so.0` has no threads; its `p` has them and its `o` has OpenMP's,
 * either of which FlexiBLAS there calls: that is a switch in front of a library,
 * of which it cannot be said which.
 */
const SYSTEM: Partial<Record<typeof Deno.build.os, readonly string[]>> = {
  linux: [
    "libopenblas.so.0",
    "libopenblasp.so.0",
    "libopenblaso.so.0",
    "libopenblas.so.3",
    "libopenblas.so",
    "libblis.so.4",
    "libblis.so",
    "libmkl_rt.so.3",
    "libmkl_rt.so.2",
    "libmkl_rt.so",
    "libblas.so.3",
    "libcblas.so.3",
  ],
  darwin: [
    "/System/Library/Frameworks/Accelerate.framework/Accelerate",
    "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
    "/usr/local/opt/openblas/lib/libopenblas.dylib",
  ],
  windows: [
    "libopenblas.dll",
    "openblas.dll",
    "mkl_rt.3.dll",
    "mkl_rt.2.dll",
    "mkl_rt.dll",
    "libblis.dll",
  ],
};

/** What conda, or pip's `mkl`, puts beside a Python. */
const BESIDE_PYTHON: typeof SYSTEM = {
  linux: [
    "lib/libopenblas.so.0",
    "lib/libmkl_rt.so.3",
    "lib/libmkl_rt.so.2",
    "lib/libmkl_rt.so.1",
    "lib/libcblas.so.3",
  ],
  darwin: [
    "lib/libopenblas.0.dylib",
    "lib/libmkl_rt.2.dylib",
    "lib/libcblas.3.dylib",
  ],
  windows: [
    "Library/bin/openblas.dll",
    "Library/bin/libopenblas.dll",
    "Library/bin/mkl_rt.3.dll",
    "Library/bin/mkl_rt.2.dll",
    "Library/bin/mkl_rt.1.dll",
    "Library/bin/libcblas.dll",
  ],
};

/** Folders of `site-packages` that hold an OpenBLAS, and whose it is. */
const PACKAGES: readonly (readonly [folder: string, owner: string])[] = [
  ["scipy_openblas64/lib", "scipy-openblas64"],
  ["scipy_openblas32/lib", "scipy-openblas32"],
  ["numpy.libs", "numpy"],
  ["numpy/.libs", "numpy"],
  ["numpy/.dylibs", "numpy"],
  ["scipy.libs", "scipy"],
  ["scipy/.libs", "scipy"],
  ["scipy/.dylibs", "scipy"],
  // PyTorch's MKL is a part of its own library and does not export cblas_sgemm.
  ["torch.libs", "PyTorch"],
  ["torch/lib", "PyTorch"],
];

/** libscipy_openblas64_-32a4b2a6.so, libopenblas64_p-r0-15028c96.3.21.so, … */
const OPENBLAS = /^lib(?:scipy_)?openblas[\w.-]*\.(?:so(?:\.\d+)*|dylib|dll)$/i;

/** What Python calls itself and the folder of its packages. */
const VERSION = /^python3\.\d+t?$/;

/** Where conda is installed when nobody says otherwise. */
const CONDA_FOLDERS = ["miniforge3", "miniconda3", "anaconda3"];

/** What is looked at at most: folders of the PATH, Pythons, files of a folder. */
const MOST_FOLDERS = 64, MOST_PREFIXES = 32, MOST_FILES = 1000;

/** A larger `pyvenv.cfg` or pyenv `version` is none, in bytes. */
const LARGEST_TEXT = 2 ** 14;

/**
 * All places, best first. Nothing is opened, and nothing is looked up before it
 * is asked for.
 *
 * @param host By default this one.
 * @returns Names of the system's, which may not be there, then files that are.
 *
 * @example
 * ```ts
 * import { blasPlaces } from "./blas_places.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const places = blasPlaces({ os: "linux", variables: {} });
 * assertEquals(places.next().value, { path: "libopenblas.so.0" });
 * ```
 */
export function* blasPlaces(host: BlasHost = thisHost()): Generator<BlasPlace> {
  for (const path of SYSTEM[host.os] ?? []) yield { path };
  yield* environmentPlaces(host);
}

/** Those of Python's environments alone: files that are there. */
export function* environmentPlaces(
  host: BlasHost = thisHost(),
): Generator<BlasPlace> {
  const seen = new Set<string>();
  for (const place of placesOf(host)) {
    const file = resolve(place.path);
    if (file === undefined || seen.has(file)) continue;
    seen.add(file);
    yield place;
  }
}

/** This machine, as far as the program may look at it. */
function thisHost(): BlasHost {
  const variables = Object.fromEntries(
    ["VIRTUAL_ENV", "CONDA_PREFIX", "PATH"].map((variable) => [
      variable,
      isGranted({ name: "env", variable }) ? Deno.env.get(variable) : undefined,
    ]),
  );
  const home = isGranted({ name: "sys", kind: "homedir" })
    ? homedir()
    : undefined;
  const here = new URL("../../..", import.meta.url);
  const program = here.protocol === "file:" ? pathOf(here) : undefined;
  return { os: Deno.build.os, variables, home, program };
}

function pathOf(url: URL): string {
  const path = decodeURIComponent(url.pathname).replace(/\/$/, "");
  return Deno.build.os === "windows" ? path.slice(1) : path;
}

function* placesOf(host: BlasHost): Generator<BlasPlace> {
  const folders = new Set<string>();
  for (const { folder, version } of prefixesOf(host)) {
    if (folders.has(folder)) continue;
    folders.add(folder);
    if (folders.size > MOST_PREFIXES) return;
    yield* besidePython(host, folder);
    for (const site of sitesOf(host.os, folder, version)) yield* inSite(site);
  }
  for (const site of userSites(host)) yield* inSite(site);
}

function* besidePython(host: BlasHost, folder: string): Generator<BlasPlace> {
  const owner = isThere(`${folder}/conda-meta`) ? { owner: "conda" } : {};
  for (const name of BESIDE_PYTHON[host.os] ?? []) {
    const path = `${folder}/${name}`;
    // On Windows MKL ends the program when it does not find its parts, which it
    // looks for on the PATH.
    if (name.includes("mkl") && host.os === "windows") {
      if (!isOnPath(host, path.slice(0, path.lastIndexOf("/")))) continue;
    }
    if (isThere(path)) yield { path, ...owner };
  }
}

/** The OpenBLAS of each package in a `site-packages`. */
function* inSite(site: string): Generator<BlasPlace> {
  if (!isThere(site)) return;
  for (const [folder, owner] of PACKAGES) {
    for (const name of namesIn(`${site}/${folder}`)) {
      if (!OPENBLAS.test(name)) continue;
      yield { path: `${site}/${folder}/${name}`, owner };
    }
  }
}

/** Every Python that is found, the active environment first. */
function* prefixesOf(host: BlasHost): Generator<Prefix> {
  const { variables, home, program, os } = host;
  for (const folder of [variables.VIRTUAL_ENV, variables.CONDA_PREFIX]) {
    if (folder !== undefined && isAbsolute(folder)) {
      yield* environmentAt(folder, os);
    }
  }
  if (program !== undefined) yield* environmentAt(`${program}/.venv`, os);
  for (const [folder, python] of pythonsOnPath(host)) {
    const parent = parentOf(folder);
    // A shim of pyenv is a script; which Python it starts stands beside it.
    if (/[\\/]shims$/.test(folder)) {
      for (const line of linesOf(`${parent}/version`)) {
        yield* environmentAt(`${parent}/versions/${line.trim()}`, os);
      }
    }
    if (isThere(`${parent}/pyvenv.cfg`)) yield* environmentAt(parent, os);
    else yield* installationOf(python, os);
  }
  if (home === undefined) return;
  for (const name of CONDA_FOLDERS) yield* environmentAt(`${home}/${name}`, os);
  if (os !== "windows") return;
  const programs = `${home}/AppData/Local/Programs/Python`;
  for (const name of namesIn(programs)) {
    if (/^Python3/.test(name)) yield { folder: `${programs}/${name}` };
  }
}

/** An environment, and the Python that it was made with. */
function* environmentAt(
  folder: string,
  os: BlasHost["os"],
): Generator<Prefix> {
  if (!isThere(folder)) return;
  const fields = new Map(
    linesOf(`${folder}/pyvenv.cfg`).map((line) => {
      const [name, ...value] = line.split("=");
      return [name.trim(), value.join("=").trim()];
    }),
  );
  const python = os === "windows"
    ? undefined
    : resolve(`${folder}/bin/python3`);
  const [numbers] =
    /^3\.\d+/.exec(fields.get("version") ?? fields.get("version_info") ?? "") ??
      [];
  const version = (python && versionOf(python)) ??
    (numbers && `python${numbers}`);
  yield { folder, version };
  if (python !== undefined) yield* installationOf(python, os);
  const home = fields.get("home");
  if (home === undefined || !isAbsolute(home)) return;
  const base = os === "windows" ? home : parentOf(home);
  if (isThere(base)) yield { folder: base, version };
}

/** Where a Python itself is installed, by its path without links. */
function* installationOf(
  python: string,
  os: BlasHost["os"],
): Generator<Prefix> {
  const folder = parentOf(python);
  if (os === "windows") yield { folder };
  else yield { folder: parentOf(folder), version: versionOf(python) };
}

/** Pythons on the PATH: the folder, and the file without links. */
function* pythonsOnPath(host: BlasHost): Generator<[string, string]> {
  const names = host.os === "windows" ? ["python.exe"] : ["python3", "python"];
  for (const folder of foldersOnPath(host)) {
    const python = names.map((name) => resolve(`${folder}/${name}`))
      .find((file) => file !== undefined);
    if (python !== undefined) yield [folder, python];
  }
}

function foldersOnPath({ os, variables }: BlasHost): string[] {
  return (variables.PATH ?? "").split(os === "windows" ? ";" : ":")
    .map((folder) => folder.replace(/(?<=.)[\\/]+$/, ""))
    .filter(isAbsolute).slice(0, MOST_FOLDERS);
}

function isOnPath(host: BlasHost, folder: string): boolean {
  const plain = (path: string) => path.replaceAll("\\", "/").toLowerCase();
  return foldersOnPath(host).some((each) => plain(each) === plain(folder));
}

/** Where a Python keeps packages. */
function sitesOf(
  os: BlasHost["os"],
  folder: string,
  version: string | undefined,
): string[] {
  if (os === "windows") return [`${folder}/Lib/site-packages`];
  const versions = version === undefined
    ? versionsIn(`${folder}/lib`)
    : [version];
  const below = folder === "/usr" ? [folder, "/usr/local"] : [folder];
  return below.flatMap((folder) => [
    ...versions.flatMap((version) => [
      `${folder}/lib/${version}/site-packages`,
      `${folder}/lib64/${version}/site-packages`,
      `${folder}/lib/${version}/dist-packages`,
    ]),
    `${folder}/lib/python3/dist-packages`,
  ]);
}

/** Where `pip install --user` puts packages. */
function userSites({ os, home }: BlasHost): string[] {
  if (home === undefined) return [];
  if (os !== "windows") {
    return versionsIn(`${home}/.local/lib`)
      .map((version) => `${home}/.local/lib/${version}/site-packages`);
  }
  const packages = `${home}/AppData/Local/Packages`;
  const roots = [
    `${home}/AppData/Roaming/Python`,
    // The Python of Microsoft's store.
    ...namesIn(packages)
      .filter((name) => name.startsWith("PythonSoftwareFoundation.Python.3"))
      .map((name) => `${packages}/${name}/LocalCache/local-packages`),
  ];
  return roots.flatMap((root) =>
    namesIn(root).filter((name) => /^Python3/.test(name))
      .map((name) => `${root}/${name}/site-packages`)
  );
}

/** `python3.11` of /usr/bin/python3.11. */
function versionOf(python: string): string | undefined {
  const name = python.split(/[\\/]/).at(-1)!;
  return VERSION.test(name) ? name : undefined;
}

function versionsIn(folder: string): string[] {
  return namesIn(folder).filter((name) => VERSION.test(name));
}

function isAbsolute(path: string): boolean {
  return /^(?:[\\/]|[a-z]:[\\/])/i.test(path);
}

function parentOf(path: string): string {
  return path.replace(/[\\/]+[^\\/]*[\\/]*$/, "") || "/";
}

function isThere(path: string): boolean {
  return looked(path, () => Deno.statSync(path)) !== undefined;
}

/** The file that a path leads to; undefined where there is none. */
function resolve(path: string): string | undefined {
  return looked(path, () => Deno.realPathSync(path));
}

function namesIn(folder: string): string[] {
  const entries = looked(folder, () => [...Deno.readDirSync(folder)]) ?? [];
  return entries.slice(0, MOST_FILES).map(({ name }) => name).sort();
}

function linesOf(path: string): string[] {
  return looked(path, () => {
    if (Deno.statSync(path).size > LARGEST_TEXT) return [];
    return Deno.readTextFileSync(path).split("\n").map((line) => line.trim())
      .filter((line) => line !== "");
  }) ?? [];
}

/** What is found, if it is there and may be read. */
function looked<T>(path: string, look: () => T): T | undefined {
  if (!isGranted({ name: "read", path })) return undefined;
  try {
    return look();
  } catch {
    return undefined;
  }
}
