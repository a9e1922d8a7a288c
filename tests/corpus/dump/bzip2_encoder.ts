/**
 * The smallest bzip2 encoder that can make any test input: naive sorting and
 * codes of one length. For texts of a few kilobytes.
 *
 * @module
 */

/** What can be bent for a test. */
export interface EncodeOptions {
  /** 1 … 9. */
  readonly level?: number;
  /** Bytes a block; the input is cut accordingly. */
  readonly blockBytes?: number;
  /** Bits hidden among the unused table selectors, as a string of 0 and 1. */
  readonly hidden?: string;
}

/** Compresses text or bytes into one bzip2 stream. */
export function bzip2(
  content: string | Uint8Array,
  { level = 9, blockBytes = 4000, hidden = "" }: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  const bits: string[] = [];
  let combined = 0;
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    const crc = crcOf(block);
    combined = ((combined << 1 | combined >>> 31) ^ crc) >>> 0;
    bits.push(number(0x314159265359, 48), number(crc, 32), "0");
    bits.push(blockBits(runLengths(block), hidden));
  }
  bits.push(number(0x177245385090, 48), number(combined, 32));
  const all = bits.join("");
  const packed = all.padEnd(Math.ceil(all.length / 8) * 8, "0");
  return Uint8Array.from([
    ...new TextEncoder().encode(`BZh${level}`),
    ...packed.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)),
  ]);
}

function number(value: number, bits: number): string {
  return value.toString(2).padStart(bits, "0");
}

/** Four equal bytes are followed by how many more there are. */
function runLengths(bytes: Uint8Array): number[] {
  const result: number[] = [];
  for (let at = 0; at < bytes.length;) {
    let end = at;
    while (end < bytes.length && bytes[end] === bytes[at] && end - at < 259) {
      end++;
    }
    const count = end - at;
    result.push(...Array<number>(Math.min(4, count)).fill(bytes[at]));
    if (count >= 4) result.push(count - 4);
    at = end;
  }
  return result;
}

function blockBits(data: number[], hidden: string): string {
  const doubled = Uint8Array.from([...data, ...data]);
  const order = data.map((_, i) => i).sort((a, b) => {
    for (let k = 0; k < data.length; k++) {
      const difference = doubled[a + k] - doubled[b + k];
      if (difference !== 0) return difference;
    }
    return a - b;
  });
  const last = order.map((i) => doubled[i + data.length - 1]);
  const used = [...new Set(data)].sort((a, b) => a - b);
  const symbols = toSymbols(last, [...used]);
  const length = Math.max(2, Math.ceil(Math.log2(used.length + 2)));
  const groups = Math.ceil(symbols.length / 50);
  const extra = hidden === "" ? 0 : hidden.split("0").length - 1;
  const rows = Array.from(
    { length: 16 },
    (_, row) =>
      Array.from(
        { length: 16 },
        (_, column) => used.includes(row * 16 + column) ? "1" : "0",
      ).join(""),
  );
  const table = number(length, 5) + "0".repeat(used.length + 2);
  return [
    number(order.indexOf(0), 24),
    ...rows.map((row) => row.includes("1") ? "1" : "0"),
    ...rows.filter((row) => row.includes("1")),
    number(6, 3),
    number(groups + extra, 15),
    "0".repeat(groups),
    hidden,
    ...Array<string>(6).fill(table),
    ...symbols.map((symbol) => number(symbol, length)),
  ].join("");
}

/** Move-to-front, then zeros as run lengths in bijective base 2. */
function toSymbols(last: number[], list: number[]): number[] {
  const end = list.length + 1;
  const result: number[] = [];
  let zeros = 0;
  const flush = () => {
    for (; zeros > 0; zeros = (zeros - 1) >> 1) result.push((zeros - 1) & 1);
  };
  for (const byte of last) {
    const position = list.indexOf(byte);
    if (position === 0) {
      zeros++;
      continue;
    }
    flush();
    list.unshift(...list.splice(position, 1));
    result.push(position + 1);
  }
  flush();
  return [...result, end];
}

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc << 1 ^ (crc < 0 ? 0x04c11db7 : 0);
    }
  }
  return ~crc >>> 0;
}
