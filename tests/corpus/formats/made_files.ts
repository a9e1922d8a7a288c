/** Files of text in every form, made for tests, and ways to damage them. */

import { Buffer } from "node:buffer";
import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import { parquetWriteBuffer } from "npm:hyparquet-writer@0.17.0";
import { openText } from "../../../lib/corpus/formats/text_source.ts";

const encoder = new TextEncoder();

/** A parquet file of texts, some of them missing, in several groups of rows. */
export function parquetOf(
  texts: readonly (string | undefined)[],
  {
    textField = "text",
    codec = "SNAPPY",
    rowGroupSize = 100,
    pageSize = 2 ** 12,
  }: {
    textField?: string;
    codec?: "SNAPPY" | "UNCOMPRESSED";
    rowGroupSize?: number;
    pageSize?: number;
  } = {},
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parquetWriteBuffer({
    columnData: [
      { name: "id", data: texts.map((_, i) => `n${i}`), type: "STRING" },
      { name: textField, data: [...texts], type: "STRING", nullable: true },
      { name: "score", data: texts.map((_, i) => i), type: "INT32" },
    ],
    codec,
    rowGroupSize,
    pageSize,
  }));
}

/** A zip archive of files, each deflated. */
export function zipOf(
  files: Readonly<Record<string, string | Uint8Array>>,
): Uint8Array<ArrayBuffer> {
  const parts: Buffer[] = [], directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const bytes = typeof content === "string"
      ? encoder.encode(content)
      : content;
    const packed = deflateRawSync(bytes), label = Buffer.from(name);
    const fields = Buffer.alloc(26); // version to length of extra fields
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x800, 2); // names are UTF-8
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(label.length, 22);
    const places = Buffer.alloc(14);
    places.writeUInt32LE(at, 10);
    directory.push(
      Buffer.from("PK\x01\x02\x14\x00", "latin1"),
      ...[fields, places, label],
    );
    const local = [
      Buffer.from("PK\x03\x04", "latin1"),
      ...[fields, label, packed],
    ];
    parts.push(...local);
    at += local.reduce((sum, { length }) => sum + length, 0);
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...parts, ...directory, end]));
}

/** What a book of such pages has; other files may be given, or taken's place. */
export function bookOf(
  pages: readonly string[],
  others: Readonly<Record<string, string | Uint8Array>> = {},
): Record<string, string | Uint8Array> {
  const items = pages.map((_, i) =>
    `<item id="p${i}" href="texto%20${i}.xhtml" media-type="application/xhtml+xml"/>`
  );
  const spine = pages.map((_, i) => `<itemref idref="p${i}"/>`).reverse();
  return {
    mimetype: "application/epub+zip",
    "META-INF/container.xml":
      '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/livro.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    "OEBPS/livro.opf":
      `<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf"><manifest>${
        items.join("")
      }<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/><item id="i" href="i.png" media-type="image/png"/></manifest><spine><itemref idref="nav"/>${
        spine.join("")
      }</spine></package>`,
    "OEBPS/nav.xhtml": "<html><body>Sumário</body></html>",
    ...Object.fromEntries(
      pages.map((page, i) => [`OEBPS/texto ${i}.xhtml`, page]),
    ),
    ...others,
  };
}

/** The text in other packings: all but xz, which nothing at hand makes. */
export const PACKERS = {
  gz: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
  zst: (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes)),
} as const;

/** A text, */
export const PACKED_TEXT = "Um rio.\n\nDois rios.\n";
/** and as the programs bzip2 and xz pack it, in base64. */
export const PACKED = {
  bz2:
    "QlpoOTFBWSZTWSgzUNsAAARXgAAQQAEEAAIAACKYACAAIan6o0N6hADDYebKjOWowrBdyRThQkCgzUNs",
  xz:
    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQATVW0gcmlvLgoKRG9pcyByaW9zLgoA2b98ot7REV4AASwU+AptAx+2830BAAAAAARZWg==",
} as const;

/** All that is read of a file, in pieces of a length. */
export async function readOut(
  file: { path: string; textField?: string },
  { from = 0, pieces = 1000 } = {},
): Promise<string> {
  await using source = await openText(file, from);
  const buffer = new Uint8Array(pieces);
  const decoder = new TextDecoder();
  let text = "";
  for (let read; (read = await source.read(buffer)) !== null;) {
    text += decoder.decode(buffer.subarray(0, read), { stream: true });
  }
  return text + decoder.decode();
}
