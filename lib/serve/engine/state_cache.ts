/**
 * States of beginnings of texts, so that what was read once need not be read
 * again: a trie over token ids, whose edges are runs of ids. A state follows
 * from the ids before it alone, so whoever finds one goes on as if it had read
 * them.
 *
 * @module
 */

import type { SavedState } from "../../model/state.ts";

/** A state, and what may follow where that is known. */
export interface KnownState {
  /** What the model remembers. */
  readonly state: SavedState;
  /** What may follow, a number a token. */
  readonly logits?: Float32Array;
}

/** A state that was found. */
export interface FoundState extends KnownState {
  /** How many ids it has read. */
  readonly read: number;
}

/** A place of the trie: the ids from its parent, and what is known there. */
interface Node {
  edge: Uint16Array;
  parent?: Node;
  readonly children: Map<number, Node>;
  entry?: KnownState;
}

/**
 * The states that were used last, up to a number of bytes.
 *
 * @example
 * ```ts
 * import { StateCache } from "./state_cache.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cache = new StateCache(1000);
 * cache.put("a", [1, 2, 3], { state: [] });
 * assertEquals(cache.find("a", [1, 2, 3, 4])?.read, 3);
 * assertEquals(cache.find("a", [1, 2, 4]), undefined);
 * ```
 */
export class StateCache {
  readonly #mostBytes: number;
  readonly #roots = new Map<string, Node>();
  /** Places that have a state, the one used longest ago first. */
  readonly #used = new Set<Node>();
  #bytes = 0;

  /**
   * Makes an empty cache.
   *
   * @param mostBytes Of the states; 0 keeps none.
   */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Bytes of the states, and of the ids that lead to them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many states there are. */
  get size(): number {
    return this.#used.size;
  }

  /**
   * The state that has read most of the ids. One that has read all of them is
   * of use only where it says what may follow.
   *
   * @param model Whose state.
   * @param ids From the start of a text on.
   */
  find(model: string, ids: ArrayLike<number>): FoundState | undefined {
    let best: { node: Node; read: number } | undefined;
    let node = this.#roots.get(model), depth = 0;
    while (node !== undefined) {
      const { entry } = node, isAll = depth === ids.length;
      if (entry !== undefined && (!isAll || entry.logits !== undefined)) {
        best = { node, read: depth };
      }
      const next: Node | undefined = isAll
        ? undefined
        : node.children.get(ids[depth]);
      if (
        next === undefined || shared(next.edge, ids, depth) < next.edge.length
      ) {
        break;
      }
      depth += next.edge.length;
      node = next;
    }
    if (best === undefined) return undefined;
    this.#touch(best.node);
    return { ...best.node.entry!, read: best.read };
  }

  /**
   * Keeps a state, and lets go of those used longest ago where there is no room.
   *
   * @param model Whose state.
   * @param ids What it has read.
   * @param known The state; not to be changed any more.
   */
  put(model: string, ids: ArrayLike<number>, known: KnownState): void {
    if (bytesOf(known) > this.#mostBytes) return;
    let root = this.#roots.get(model);
    if (root === undefined) this.#roots.set(model, root = newNode([]));
    const node = this.#nodeAt(root, ids);
    if (node.entry?.logits === undefined) {
      if (node.entry !== undefined) this.#bytes -= bytesOf(node.entry);
      node.entry = known;
      this.#bytes += bytesOf(known);
    }
    this.#touch(node);
    for (const oldest of this.#used) {
      if (this.#bytes <= this.#mostBytes) break;
      this.#forget(oldest);
    }
  }

  #touch(node: Node): void {
    this.#used.delete(node);
    this.#used.add(node);
  }

  /** The place that ids lead to; it is made where there is none. */
  #nodeAt(root: Node, ids: ArrayLike<number>): Node {
    let node = root, depth = 0;
    while (depth < ids.length) {
      const next = node.children.get(ids[depth]);
      if (next === undefined) {
        const edge = Array.from(
          { length: ids.length - depth },
          (_, i) => ids[depth + i],
        );
        const leaf = newNode(edge, node);
        this.#bytes += leaf.edge.byteLength;
        return leaf;
      }
      const common = shared(next.edge, ids, depth);
      node = common < next.edge.length ? split(next, common) : next;
      depth += common;
    }
    return node;
  }

  /** Takes away a state, and the places that then lead nowhere. */
  #forget(node: Node): void {
    this.#used.delete(node);
    this.#bytes -= bytesOf(node.entry!);
    node.entry = undefined;
    for (let at = node; at.parent !== undefined && at.entry === undefined;) {
      const { parent } = at;
      if (at.children.size === 0) {
        parent.children.delete(at.edge[0]);
        this.#bytes -= at.edge.byteLength;
      } else {
        if (at.children.size === 1) join(at);
        break;
      }
      at = parent;
    }
  }
}

function newNode(edge: ArrayLike<number>, parent?: Node): Node {
  const node = { edge: Uint16Array.from(edge), parent, children: new Map() };
  parent?.children.set(edge[0], node);
  return node;
}

/** How many ids of an edge are those from a place on. */
function shared(edge: Uint16Array, ids: ArrayLike<number>, at: number): number {
  let count = 0;
  while (count < edge.length && edge[count] === ids[at + count]) count++;
  return count;
}

/** Makes a place in the midst of the edge that leads to a node. */
function split(node: Node, length: number): Node {
  const middle = newNode(node.edge.subarray(0, length), node.parent);
  node.edge = node.edge.slice(length);
  node.parent = middle;
  middle.children.set(node.edge[0], node);
  return middle;
}

/** Makes one edge of those before and after a place that nothing is at. */
function join(node: Node): void {
  const [child] = node.children.values();
  child.edge = Uint16Array.from([...node.edge, ...child.edge]);
  child.parent = node.parent;
  node.parent!.children.set(child.edge[0], child);
}

/** The memory that a state takes. */
export function bytesOf({ state, logits }: KnownState): number {
  let bytes = logits?.byteLength ?? 0;
  for (const { timeShift, wkv, channelShift } of state) {
    bytes += timeShift.byteLength + wkv.byteLength + channelShift.byteLength;
  }
  return bytes;
}
