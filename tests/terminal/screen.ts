/**
 * What a person sees: the bytes that a terminal was sent, drawn on a screen as
 * high as it has to be.
 *
 * @module
 */

/** A screen on which something was written. */
export interface Screen {
  /** Its rows, without the blanks at their ends; the last may be empty. */
  readonly rows: readonly string[];
  /** The rows that went on in the next one because the screen was too narrow. */
  readonly wrapped: readonly number[];
  /** Where the next character would be drawn. */
  readonly cursor: { readonly row: number; readonly column: number };
}

/**
 * Draws what programs of this project send, and Deno before they begin: text,
 * line ends, carriage returns, backspaces, colours, rows cleared and drawn anew.
 *
 * @param text As it was sent.
 * @param columns The width of the screen.
 * @throws {SyntaxError} At a control sequence that is not one of these.
 */
export function draw(text: string, columns: number): Screen {
  const rows: string[][] = [[]];
  const wrapped = new Set<number>();
  let row = 0, column = 0;
  const down = () => {
    if (++row === rows.length) rows.push([]);
  };
  // deno-lint-ignore no-control-regex
  const sequence = /\x1b\[(\??[\d;]*)([A-Za-z])/y;
  for (let at = 0; at < text.length;) {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    if (character === "\x1b") {
      sequence.lastIndex = at;
      const [all, given, kind] = sequence.exec(text) ?? [];
      switch (`${given}${kind}`) {
        case "K":
        case "0K":
          rows[row].length = Math.min(rows[row].length, column);
          break;
        case "2K":
          rows[row] = [];
          break;
        case "J":
        case "0J":
          rows[row].length = Math.min(rows[row].length, column);
          rows.length = row + 1;
          break;
        default:
          if (kind === "G") column = Number(given) - 1;
          else if (kind === "A") row = Math.max(0, row - Number(given || 1));
          else if (kind === "B") {
            for (let rest = Number(given || 1); rest > 0; rest--) down();
          } else if (kind !== "m") {
            const seen = JSON.stringify(text.slice(at, at + 10));
            throw new SyntaxError(`Cannot draw ${seen}: not known`);
          }
          column = Math.max(0, column);
      }
      at += all!.length;
      continue;
    }
    at += character.length;
    if (character === "\r") column = 0;
    else if (character === "\n") down();
    else if (character === "\b") column = Math.max(0, column - 1);
    else if (!/\p{M}/u.test(character)) {
      if (column === columns) {
        wrapped.add(row);
        column = 0;
        down();
      }
      while (rows[row].length < column) rows[row].push(" ");
      rows[row][column++] = character;
    }
  }
  return {
    rows: rows.map((row) => row.join("").trimEnd()),
    wrapped: [...wrapped],
    cursor: { row, column },
  };
}
