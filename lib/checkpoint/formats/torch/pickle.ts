/**
 * Python's pickles as `torch.save` writes them for weights, read without
 * executing anything: a fixed list of opcodes, and of names that may be called
 * five, each of which is done here. Any other name is an error that says it.
 *
 * @module
 */

/** A tensor's storage, which stands elsewhere. */
export interface PickledStorage {
  /** How its values are stored. */
  readonly type: "F32" | "F16" | "BF16";
  /** Under which name. */
  readonly key: string;
  /** How many values. */
  readonly length: number;
}

/** A view of a storage. */
export class PickledTensor {
  /** Made by {@linkcode parsePickle}. */
  constructor(
    /** Where its values are. */
    readonly storage: PickledStorage,
    /** The first of them. */
    readonly offset: number,
    /** Its extents. */
    readonly shape: readonly number[],
    /** How far apart neighbours along each extent are. */
    readonly strides: readonly number[],
  ) {}
}

/** A dictionary. */
export type PickledMap = ReadonlyMap<unknown, unknown>;

/** What may be named. */
const GLOBALS = [
  "collections.OrderedDict",
  "torch._utils._rebuild_parameter",
  "torch._utils._rebuild_tensor_v2",
  "torch.BFloat16Storage",
  "torch.FloatStorage",
  "torch.HalfStorage",
] as const;

/** A name as a value; never the thing itself. */
class Global {
  constructor(readonly name: typeof GLOBALS[number]) {}
}

/** A storage as a value. */
class Storage implements PickledStorage {
  constructor(
    readonly type: PickledStorage["type"],
    readonly key: string,
    readonly length: number,
  ) {}
}

const STORAGES: Partial<
  Record<typeof GLOBALS[number], PickledStorage["type"]>
> = {
  "torch.BFloat16Storage": "BF16",
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
};

/** Opcodes of a pickle; the tensors of 256 layers take a quarter of them. */
const MAX_STEPS = 2 ** 20;

/** What stands on the stack where a tuple, list or map begins. */
const MARK = Symbol("mark");

/**
 * Reads a pickle.
 *
 * @param bytes The pickle, from anywhere.
 * @returns Its one value, tensors as {@linkcode PickledTensor}s.
 * @throws {SyntaxError} For anything else than weights; the message is the
 * reason alone.
 *
 * @example
 * ```ts
 * import { parsePickle } from "./pickle.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const pickle = (text: string) => new TextEncoder().encode(text);
 * assertEquals(parsePickle(pickle("}.")), new Map());
 * assertThrows(
 *   () => parsePickle(pickle("cos\nsystem\n.")),
 *   SyntaxError,
 *   "names os.system",
 * );
 * ```
 */
export function parsePickle(bytes: Uint8Array): unknown {
  return new Machine(bytes).run();
}

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  run(): unknown {
    for (let steps = 0;; steps++) {
      if (steps === MAX_STEPS) this.#fail("it takes too many steps");
      const opcode = this.#integer(1);
      if (opcode === 0x2e) break; // STOP
      if (!this.#constant(opcode) && !this.#build(opcode)) {
        this.#fail(`opcode 0x${opcode.toString(16)} is not for weights`);
      }
    }
    const value = this.#pop();
    if (this.#stack.length > 0 || this.#at < this.#bytes.length) {
      this.#fail("something follows its value");
    }
    return value;
  }

  /** The opcodes that push a value that stands there; false for others. */
  #constant(opcode: number): boolean {
    switch (opcode) {
      case 0x28:
        this.#stack.push(MARK);
        break;
      case 0x4e: // NONE
        this.#stack.push(null);
        break;
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        this.#stack.push(opcode === 0x88);
        break;
      case 0x4b: // BININT1
        this.#stack.push(this.#integer(1));
        break;
      case 0x4d: // BININT2
        this.#stack.push(this.#integer(2));
        break;
      case 0x4a: // BININT
        this.#stack.push(this.#integer(4) | 0);
        break;
      case 0x8a: // LONG1
        this.#stack.push(this.#long());
        break;
      case 0x58: // BINUNICODE
        this.#stack.push(this.#text(this.#integer(4)));
        break;
      case 0x63: // GLOBAL
        this.#stack.push(this.#global());
        break;
      default:
        return false;
    }
    return true;
  }

  /** The opcodes that build on what is there; false for others. */
  #build(opcode: number): boolean {
    switch (opcode) {
      case 0x80: // PROTO
        this.#protocol(this.#integer(1));
        break;
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
        this.#stack.push([]);
        break;
      case 0x7d: // EMPTY_DICT
        this.#stack.push(new Map());
        break;
      case 0x74: // TUPLE
        this.#stack.push(this.#popToMark());
        break;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        this.#stack.push(this.#popMany(opcode - 0x84));
        break;
      case 0x73: // SETITEM
        this.#setItems(this.#popMany(2));
        break;
      case 0x75: // SETITEMS
        this.#setItems(this.#popToMark());
        break;
      case 0x62: // BUILD: attributes of a map, which are of no use
        this.#pop();
        if (!(this.#top() instanceof Map)) this.#fail("an object is built");
        break;
      case 0x51: // BINPERSID
        this.#stack.push(this.#storage(this.#pop()));
        break;
      case 0x52: // REDUCE
        this.#call();
        break;
      default:
        return this.#remember(opcode);
    }
    return true;
  }

  /** The opcodes that put a value aside and fetch it; false for others. */
  #remember(opcode: number): boolean {
    switch (opcode) {
      case 0x71: // BINPUT
        this.#memo.set(this.#integer(1), this.#top());
        break;
      case 0x72: // LONG_BINPUT
        this.#memo.set(this.#integer(4), this.#top());
        break;
      case 0x68: // BINGET
        this.#stack.push(this.#recall(this.#integer(1)));
        break;
      case 0x6a: // LONG_BINGET
        this.#stack.push(this.#recall(this.#integer(4)));
        break;
      default:
        return false;
    }
    return true;
  }

  #protocol(version: number): void {
    if (version !== 2) {
      this.#fail(`its protocol is ${version}, not PyTorch's 2`);
    }
  }

  #recall(index: number): unknown {
    if (!this.#memo.has(index)) this.#fail("it recalls what is not there");
    return this.#memo.get(index);
  }

  #global(): Global {
    const name = `${this.#line()}.${this.#line()}`;
    const known = GLOBALS.find((one) => one === name);
    if (known === undefined) {
      this.#fail(`it names ${name.slice(0, 100)}, which no weights need`);
    }
    return new Global(known);
  }

  #setItems(items: readonly unknown[]): void {
    const map = this.#top();
    if (!(map instanceof Map) || items.length % 2 !== 0) {
      this.#fail("entries belong to no map");
    }
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key !== "string" && typeof key !== "number") {
        this.#fail("a key is no name");
      }
      if (map.has(key)) this.#fail(`it has ${String(key).slice(0, 100)} twice`);
      map.set(key, items[i + 1]);
    }
  }

  /** ("storage", its type, its key, a device, how many values). */
  #storage(id: unknown): Storage {
    const [kind, type, key, , length] = Array.isArray(id) ? id : [];
    const stored = type instanceof Global ? STORAGES[type.name] : undefined;
    if (
      kind !== "storage" || stored === undefined || typeof key !== "string" ||
      !isWhole(length)
    ) {
      this.#fail("a storage is not as PyTorch writes it");
    }
    return new Storage(stored, key, length);
  }

  #call(): void {
    const args = this.#pop(), callee = this.#pop();
    if (!(callee instanceof Global) || !Array.isArray(args)) {
      this.#fail("it calls what is no function");
    }
    switch (callee.name) {
      case "collections.OrderedDict":
        if (args.length > 0) this.#fail("a map is not built by entries");
        this.#stack.push(new Map());
        return;
      case "torch._utils._rebuild_tensor_v2":
        this.#stack.push(this.#tensor(args));
        return;
      case "torch._utils._rebuild_parameter":
        if (!(args[0] instanceof PickledTensor)) {
          this.#fail("a parameter has no tensor");
        }
        this.#stack.push(args[0]);
        return;
      default:
        this.#fail(`it calls ${callee.name}`);
    }
  }

  #tensor([storage, offset, shape, strides]: unknown[]): PickledTensor {
    if (
      !(storage instanceof Storage) || !isWhole(offset) ||
      !Array.isArray(shape) || !Array.isArray(strides) ||
      shape.length !== strides.length || shape.length > 8 ||
      !shape.every(isWhole) || !strides.every(isWhole)
    ) {
      this.#fail("a tensor is not as PyTorch writes it");
    }
    return new PickledTensor(storage, offset, shape, strides);
  }

  #top(): unknown {
    const top = this.#stack.at(-1);
    if (this.#stack.length === 0 || top === MARK) this.#failShort();
    return top;
  }

  #pop(): unknown {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #popMany(count: number): unknown[] {
    const start = this.#stack.length - count;
    if (start < 0 || this.#stack.includes(MARK, start)) this.#failShort();
    return this.#stack.splice(start);
  }

  #popToMark(): unknown[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) this.#fail("a mark is missing");
    const values = this.#stack.splice(mark + 1);
    this.#stack.pop();
    return values;
  }

  /** An unsigned number, its lowest byte first. */
  #integer(width: 1 | 2 | 4): number {
    const at = this.#step(width);
    if (width === 1) return this.#view.getUint8(at);
    return width === 2
      ? this.#view.getUint16(at, true)
      : this.#view.getUint32(at, true);
  }

  /** A signed number of up to eight bytes. */
  #long(): number {
    const size = this.#integer(1);
    if (size > 8) this.#fail("a number is too large");
    const at = this.#step(size);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) {
      value = value << 8n | BigInt(this.#bytes[at + i]);
    }
    return Number(BigInt.asIntN(8 * size, value));
  }

  #text(length: number): string {
    const at = this.#step(length);
    return new TextDecoder().decode(this.#bytes.subarray(at, at + length));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) this.#failShort();
    const text = this.#text(end - this.#at);
    this.#at++;
    return text;
  }

  /** Steps over bytes that must be there; where they began. */
  #step(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) this.#failShort();
    this.#at += length;
    return at;
  }

  #failShort(): never {
    this.#fail("it is cut short");
  }

  #fail(reason: string): never {
    throw new SyntaxError(`${reason} (byte ${this.#at} of its pickle)`);
  }
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
