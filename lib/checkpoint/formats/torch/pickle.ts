/**
 * Python's pickles as `torch.save` writes them for weights, read without
 * executing anything: a fixed list of opcodes, and of names that may be called
 * six, each of which is done here. Any other name is an error that says it.
 *
 * @module
 */

/** A tensor's storage, which stands elsewhere. */
class Storage {
  constructor(
    /** How its values are stored. */
    readonly type: "F64" | "F32" | "F16" | "BF16",
    /** Under which name. */
    readonly key: string,
    /** How many values. */
    readonly length: number,
  ) {}
}

/** A view of a storage. */
export class PickledTensor {
  /** Made by {@linkcode parsePickle}. */
  constructor(
    /** Where its values are. */
    readonly storage: Storage,
    /** The first of them. */
    readonly offset: number,
    /** Its extents. */
    readonly shape: readonly number[],
    /** How far apart neighbours along each extent are. */
    readonly strides: readonly number[],
  ) {}
}

/** What may be named. */
const GLOBALS = [
  "collections.OrderedDict",
  "torch._utils._rebuild_parameter",
  "torch._utils._rebuild_tensor_v2",
  "torch.BFloat16Storage",
  "torch.DoubleStorage",
  "torch.FloatStorage",
  "torch.HalfStorage",
] as const;

/** A name as a value; never the thing itself. */
class Global {
  constructor(readonly name: typeof GLOBALS[number]) {}
}

const STORAGES: Partial<Record<typeof GLOBALS[number], Storage["type"]>> = {
  "torch.BFloat16Storage": "BF16",
  "torch.DoubleStorage": "F64",
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
  /** What each opcode of a pickle of weights does. */
  static readonly #OPCODES: Partial<Record<number, (m: Machine) => unknown>> = {
    0x28: (m) => m.#stack.push(MARK), // MARK
    0x29: (m) => m.#stack.push([]), // EMPTY_TUPLE
    0x47: (m) => m.#stack.push(m.#float()), // BINFLOAT
    0x4a: (m) => m.#stack.push(m.#integer(4) | 0), // BININT
    0x4b: (m) => m.#stack.push(m.#integer(1)), // BININT1
    0x4d: (m) => m.#stack.push(m.#integer(2)), // BININT2
    0x4e: (m) => m.#stack.push(null), // NONE
    0x51: (m) => m.#stack.push(m.#storage(m.#pop())), // BINPERSID
    0x52: (m) => m.#stack.push(m.#call()), // REDUCE
    0x58: (m) => m.#stack.push(m.#text(m.#integer(4))), // BINUNICODE
    0x5d: (m) => m.#stack.push([]), // EMPTY_LIST
    0x61: (m) => m.#append(m.#popMany(1)), // APPEND
    0x62: (m) => m.#setAttributes(), // BUILD
    0x63: (m) => m.#stack.push(m.#global()), // GLOBAL
    0x65: (m) => m.#append(m.#popToMark()), // APPENDS
    0x68: (m) => m.#stack.push(m.#recall(m.#integer(1))), // BINGET
    0x6a: (m) => m.#stack.push(m.#recall(m.#integer(4))), // LONG_BINGET
    0x71: (m) => m.#memo.set(m.#integer(1), m.#top()), // BINPUT
    0x72: (m) => m.#memo.set(m.#integer(4), m.#top()), // LONG_BINPUT
    0x73: (m) => m.#setItems(m.#popMany(2)), // SETITEM
    0x74: (m) => m.#stack.push(m.#popToMark()), // TUPLE
    0x75: (m) => m.#setItems(m.#popToMark()), // SETITEMS
    0x7d: (m) => m.#stack.push(new Map()), // EMPTY_DICT
    0x80: (m) => m.#protocol(m.#integer(1)), // PROTO
    0x85: (m) => m.#stack.push(m.#popMany(1)), // TUPLE1
    0x86: (m) => m.#stack.push(m.#popMany(2)), // TUPLE2
    0x87: (m) => m.#stack.push(m.#popMany(3)), // TUPLE3
    0x88: (m) => m.#stack.push(true), // NEWTRUE
    0x89: (m) => m.#stack.push(false), // NEWFALSE
    0x8a: (m) => m.#stack.push(m.#long()), // LONG1
  };

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
      const act = Machine.#OPCODES[opcode];
      if (act === undefined) {
        this.#fail(`opcode 0x${opcode.toString(16)} is not for weights`);
      }
      act(this);
    }
    const value = this.#pop();
    if (this.#stack.length > 0 || this.#at < this.#bytes.length) {
      this.#fail("something follows its value");
    }
    return value;
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

  /** The attributes of a map are of no use. */
  #setAttributes(): void {
    this.#pop();
    if (!(this.#top() instanceof Map)) this.#fail("an object is built");
  }

  #append(items: readonly unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) this.#fail("items belong to no list");
    for (const item of items) list.push(item);
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

  #call(): unknown {
    const args = this.#pop(), callee = this.#pop();
    if (!(callee instanceof Global) || !Array.isArray(args)) {
      this.#fail("it calls what is no function");
    }
    switch (callee.name) {
      case "collections.OrderedDict":
        if (args.length > 0) this.#fail("a map is not built by entries");
        return new Map();
      case "torch._utils._rebuild_tensor_v2":
        return this.#tensor(args);
      case "torch._utils._rebuild_parameter":
        if (args[0] instanceof PickledTensor) return args[0];
        this.#fail("a parameter has no tensor");
    }
    this.#fail(`it calls ${callee.name}`);
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

  /** Its highest byte first, other than every number in a pickle. */
  #float(): number {
    return this.#view.getFloat64(this.#step(8));
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
