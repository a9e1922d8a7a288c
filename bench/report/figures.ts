/**
 * What a benchmark measured, kept for the report of all of them: with
 * `--figures FILE` each adds its own, a line of JSON each.
 *
 * @module
 */

/** One side's figure, as often as it was measured. */
export interface Figure {
  /** What was measured, of all sides alike, as "training, micro rwkv4". */
  readonly what: string;
  /** Who did it, as "ours, BLAS". */
  readonly side: string;
  /** Whether it is this project's. */
  readonly isOurs: boolean;
  /** Of the values, as "tokens/s". */
  readonly unit: string;
  /** Which values are better. */
  readonly better: "more" | "less";
  /** One a round, in order. */
  readonly values: readonly number[];
}

/** Adds figures to a file; to none where its name is empty. */
export async function keepFigures(
  path: string,
  figures: readonly Figure[],
): Promise<void> {
  if (path === "" || figures.length === 0) return;
  const lines = figures.map((figure) => `${JSON.stringify(figure)}\n`);
  await Deno.writeTextFile(path, lines.join(""), { append: true });
}

/** The figures of a file; none where it is not there. */
export async function readFigures(path: string): Promise<Figure[]> {
  try {
    const text = await Deno.readTextFile(path);
    return text.split("\n").filter((line) => line !== "").map((line) =>
      JSON.parse(line)
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
