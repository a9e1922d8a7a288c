/**
 * Writes the table of ops into `kernels/README.md`, from `lib/backend/ops.ts` and the
 * lines before the kernels in `kernels/wgsl`.
 *
 *     deno run --allow-read --allow-write tools/op_tables.ts
 *
 * @module
 */

import { type OpName, TABLE } from "../lib/backend/ops.ts";
import { PLANS } from "../lib/backend/plan.ts";
import { readSources } from "../lib/backend/webgpu/kernels.ts";
import { programOf } from "../lib/backend/webgpu/programs.ts";
import type { Kernel } from "../lib/backend/webgpu/source.ts";

const README = new URL("../kernels/README.md", import.meta.url);

/** What stands around the table; the formatter would make its lines wide. */
const MARKERS =
  /(<!-- deno-fmt-ignore-start -->\n)[^]*(<!-- deno-fmt-ignore-end -->)/;

const { files } = readSources();

/** The sums of chunks, which `op_calls.ts` calls by name. */
const SUMS = ["sum", "sumPartials"];

/** The document with the table as it should be. */
export function withOpTable(readme: string): string {
  return readme.replace(MARKERS, (_, start, end) => start + table() + end);
}

function table(): string {
  const rows = (Object.keys(TABLE) as OpName[]).map((op) => {
    const { does, memories } = TABLE[op], { slices } = PLANS[op];
    const sizes = Object.entries(memories)
      .map(([name, size]) => `${name} \`${size}\``);
    return [op, `\`${does}\``, sizes.join(", "), slices, kernelsIn(op)];
  });
  const head = ["op", "equation", "memories", "slices", "WGSL kernels"];
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** The kernels of an op by file, each with its pattern. */
function kernelsIn(op: OpName): string {
  const kernels = op === "sum" || op === "sumOfSquares"
    ? files.sums.kernels.filter(({ name }) => SUMS.includes(name))
    : programOf(op).steps.map(({ kernel }) => kernel);
  const names = kernels.map(({ name, pattern }) => `${name} (${pattern})`);
  return `\`${fileOf(kernels[0])}\`: ${names.join(", ")}`;
}

function fileOf({ name }: Kernel): string {
  const [file] = Object.entries(files).find(([, { kernels }]) =>
    kernels.some((kernel) => kernel.name === name)
  )!;
  return `${file}.wgsl`;
}

if (import.meta.main) {
  const readme = await Deno.readTextFile(README);
  await Deno.writeTextFile(README, withOpTable(readme));
}
