/** Where a BLAS is looked for, in folders laid out as Pythons are. */

import { assert, assertEquals } from "@std/assert";
import {
  type BlasHost,
  blasPlaces,
  environmentPlaces,
} from "../../../lib/backend/cpu/blas_places.ts";

const ROOT = new URL("../../../", import.meta.url);

const NUMPY = "numpy.libs/libscipy_openblas64_-32a4b2a6.so";

/** A folder with empty files, and links from one path to another. */
async function layOut(
  files: readonly string[],
  links: Readonly<Record<string, string>> = {},
): Promise<string> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  const make = (path: string) =>
    Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  for (const file of files) {
    const [path, text = ""] = `${root}/${file}`.split(" := ");
    await make(path);
    await Deno.writeTextFile(path, text.replaceAll("ROOT", root));
  }
  for (const [from, to] of Object.entries(links)) {
    await make(`${root}/${from}`);
    await Deno.symlink(`${root}/${to}`, `${root}/${from}`);
  }
  return root;
}

/** What is found in such a folder, without the folder's name. */
function found(root: string, host: Partial<BlasHost>): string[] {
  const places = environmentPlaces({ os: "linux", variables: {}, ...host });
  return [...places].map(({ path, owner }) =>
    `${path.replace(`${root}/`, "")}${owner === undefined ? "" : ` ${owner}`}`
  );
}

Deno.test("blasPlaces() begins with the system's", () => {
  const [first] = blasPlaces({ os: "windows", variables: {} });
  assertEquals(first, { path: "libopenblas.dll" });
  assertEquals([...blasPlaces({ os: "netbsd", variables: {} })], []);
});

Deno.test("environmentPlaces() finds packages of the active environment, and of its Python", async () => {
  const root = await layOut([
    `env/lib/python3.11/site-packages/${NUMPY}`,
    "env/lib/python3.11/site-packages/numpy.libs/libgfortran-0352e75f.so.5",
    "env/lib/python3.11/site-packages/scipy.libs/libscipy_openblas-6cdc.so",
    "env/lib/python3.11/site-packages/scipy_openblas64/lib/libscipy_openblas64_.so",
    "base/bin/python3.11",
    "base/lib/python3.11/site-packages/numpy.libs/libopenblas64_p-r0-15028c96.3.21.so",
  ], { "env/bin/python3": "base/bin/python3.11" });
  assertEquals(found(root, { variables: { VIRTUAL_ENV: `${root}/env` } }), [
    "env/lib/python3.11/site-packages/scipy_openblas64/lib/libscipy_openblas64_.so scipy-openblas64",
    `env/lib/python3.11/site-packages/${NUMPY} numpy`,
    "env/lib/python3.11/site-packages/scipy.libs/libscipy_openblas-6cdc.so scipy",
    "base/lib/python3.11/site-packages/numpy.libs/libopenblas64_p-r0-15028c96.3.21.so numpy",
  ]);
});

Deno.test("environmentPlaces() reads of an environment without links which Python made it", async () => {
  const root = await layOut([
    "env/pyvenv.cfg := home = ROOT/base/bin\nversion = 3.13.0\n",
    "env/bin/python3",
    `base/lib/python3.13/site-packages/${NUMPY}`,
  ]);
  assertEquals(found(root, { program: root }), []);
  assertEquals(found(root, { variables: { PATH: `${root}/env/bin/` } }), [
    `base/lib/python3.13/site-packages/${NUMPY} numpy`,
  ]);
});

Deno.test("environmentPlaces() looks into .venv beside the program", async () => {
  const site = ".venv/lib/python3.12/site-packages";
  const root = await layOut([`${site}/${NUMPY}`]);
  assertEquals(found(root, { program: root }), [`${site}/${NUMPY} numpy`]);
});

Deno.test("environmentPlaces() follows the Python on the PATH, once", async () => {
  const root = await layOut([
    "usr/bin/python3.11",
    `usr/lib/python3.11/site-packages/${NUMPY}`,
    `home/.local/lib/python3.9/site-packages/${NUMPY}`,
  ], {
    "usr/bin/python3": "usr/bin/python3.11",
    "bin/python": "usr/bin/python3",
  });
  const PATH = `::bin:${root}/none:${root}/bin:${root}/usr/bin`;
  assertEquals(found(root, { variables: { PATH }, home: `${root}/home` }), [
    `usr/lib/python3.11/site-packages/${NUMPY} numpy`,
    `home/.local/lib/python3.9/site-packages/${NUMPY} numpy`,
  ]);
  // What is not absolute would depend on where the program is started.
  assertEquals(found(root, { variables: { PATH: "bin:." } }), []);
});

Deno.test("environmentPlaces() knows which Python a shim of pyenv starts", async () => {
  const root = await layOut([
    "pyenv/shims/python3",
    "pyenv/version := 3.11.7\n",
    `pyenv/versions/3.11.7/lib/python3.11/site-packages/${NUMPY}`,
    `pyenv/versions/3.9.18/lib/python3.9/site-packages/${NUMPY}`,
  ]);
  const variables = { PATH: `${root}/pyenv/shims` };
  assertEquals(found(root, { variables }), [
    `pyenv/versions/3.11.7/lib/python3.11/site-packages/${NUMPY} numpy`,
  ]);
});

Deno.test("environmentPlaces() finds conda's MKL and OpenBLAS, each file once", async () => {
  const root = await layOut([
    "conda/conda-meta/history",
    "conda/bin/python3.12",
    "conda/lib/libmkl_rt.so.2",
    "conda/lib/libopenblasp-r0.3.29.so",
  ], {
    "conda/bin/python3": "conda/bin/python3.12",
    "conda/lib/libopenblas.so.0": "conda/lib/libopenblasp-r0.3.29.so",
    "conda/lib/libcblas.so.3": "conda/lib/libopenblasp-r0.3.29.so",
  });
  const variables = {
    CONDA_PREFIX: `${root}/conda`,
    PATH: `${root}/conda/bin`,
  };
  const expected = [
    "conda/lib/libopenblas.so.0 conda",
    "conda/lib/libmkl_rt.so.2 conda",
  ];
  assertEquals(found(root, { variables }), expected);
  const moved = await layOut(["miniforge3/conda-meta/history"], {});
  await Deno.rename(`${root}/conda/lib`, `${moved}/miniforge3/lib`);
  assertEquals(found(moved, { home: moved }).length, 1); // the links are broken
});

Deno.test("environmentPlaces() knows Windows, where MKL must be on the PATH", async () => {
  const numpy =
    "Lib/site-packages/numpy.libs/libscipy_openblas64_-63c857e7.dll";
  const store =
    "home/AppData/Local/Packages/PythonSoftwareFoundation.Python.3.12_q/LocalCache/local-packages/Python312/site-packages";
  const root = await layOut([
    "Python/python.exe",
    `Python/${numpy}`,
    "conda/conda-meta/history",
    "conda/Library/bin/mkl_rt.2.dll",
    "env/Scripts/python.exe",
    "env/pyvenv.cfg := home = ROOT/other\r\nversion = 3.12.1\r\n",
    "env/Lib/site-packages/scipy_openblas64/lib/libscipy_openblas64_.dll",
    "other/Lib/site-packages/numpy/.libs/libopenblas64__v0.3.21-gcc_10_3_0.dll",
    `home/AppData/Local/Programs/Python/Python311/${numpy}`,
    `home/AppData/Roaming/Python/Python311/${numpy.slice(4)}`,
    `${store}/${numpy.slice(18)}`,
  ]);
  const search = (PATH: string) =>
    found(root, {
      os: "windows",
      variables: { PATH, CONDA_PREFIX: `${root}/conda` },
      home: `${root}/home`,
    });
  const always = [
    `Python/${numpy} numpy`,
    "env/Lib/site-packages/scipy_openblas64/lib/libscipy_openblas64_.dll scipy-openblas64",
    "other/Lib/site-packages/numpy/.libs/libopenblas64__v0.3.21-gcc_10_3_0.dll numpy",
    `home/AppData/Local/Programs/Python/Python311/${numpy} numpy`,
    `home/AppData/Roaming/Python/Python311/${numpy.slice(4)} numpy`,
    `${store}/${numpy.slice(18)} numpy`,
  ];
  const PATH = `${root}/Python;${root}/env/Scripts`;
  assertEquals(search(PATH), always);
  assertEquals(search(`${PATH};${root}/conda/LIBRARY/bin`), [
    "conda/Library/bin/mkl_rt.2.dll conda",
    ...always,
  ]);
});

Deno.test("environmentPlaces() asks for nothing that was not granted", async () => {
  const root = await layOut([`env/lib/python3.11/site-packages/${NUMPY}`]);
  const script = `
    import { environmentPlaces } from "${new URL(
    "lib/backend/cpu/blas_places.ts",
    ROOT,
  )}";
    const variables = { VIRTUAL_ENV: "${root}/env" };
    console.log([...environmentPlaces({ os: "linux", variables })].length);
    console.log([...environmentPlaces()].length);
  `;
  const search = async (...permissions: string[]) => {
    const url = "data:application/typescript," + encodeURIComponent(script);
    const audit = await Deno.makeTempFile();
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", ...permissions, url],
      env: { DENO_AUDIT_PERMISSIONS: audit, NO_COLOR: "1" },
      cwd: ROOT,
    }).output();
    const asked = (await Deno.readTextFile(audit)).trimEnd().split("\n")
      .map((line) => JSON.parse(line) as { permission: string; value: string })
      // The modules themselves and .venv are in the project's folder.
      .filter(({ permission, value }) =>
        permission !== "read" || !value.startsWith(ROOT.pathname)
      );
    const counts = new TextDecoder().decode(stdout).trim().split("\n");
    return { first: counts[0], lines: counts.length, asked };
  };
  assertEquals(await search("--allow-read=."), {
    first: "0",
    lines: 2,
    asked: [],
  });
  const allowed = await search("--allow-read", "--allow-env=PATH");
  assertEquals([allowed.first, allowed.lines], ["1", 2]);
  assert(allowed.asked.length > 0);
});
