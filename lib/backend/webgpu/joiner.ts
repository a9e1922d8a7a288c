/**
 * Gathers calls into groups (`joining.ts`), and keeps the groups: a token asks for
 * the same calls as the one before it.
 *
 * @module
 */

import { beginsGroup, type Call, Group } from "./joining.ts";
import type { WebGpuMemory } from "./memory.ts";
import type { Signature } from "./pipelines.ts";

/** Groups kept; beyond so many they are all found anew. */
const MOST_KEPT = 16384;

/** What a group and one more call came to when they met last. */
interface Meeting<T> {
  readonly signature: Signature;
  readonly memories: readonly WebGpuMemory[];
  readonly parameters: readonly number[];
  /** The group with the call in it; undefined where it was refused. */
  readonly group?: KeptGroup<T>;
}

/** A group, and what became of it. */
export interface KeptGroup<T> {
  /** The calls. */
  readonly group: Group;
  /** What was made of the group to be encoded. */
  made?: T;
  /** Calls that came next, by the number of their first memory. */
  readonly next: Map<number, Meeting<T>[]>;
}

/**
 * Gathers calls into groups. A token asks for the same calls as the one before it,
 * so what was found once is kept: a call costs a comparison.
 */
export class Joiner<T> {
  readonly #limit: number;
  #root: KeptGroup<T> = newKept(new Group());
  #current: KeptGroup<T> = this.#root;
  #kept = 0;

  /**
   * Makes one without any groups.
   *
   * @param limit Most bytes of a buffer that can be bound whole.
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Holds a call back, if it can join those that are held.
   *
   * @param signature The same object for all calls of one kernel and constants.
   * @returns Whether it is held now.
   */
  hold(call: Call, signature: Signature): boolean {
    const current = this.#current;
    if (current === this.#root && !beginsGroup(call.kernel)) return false;
    const first = call.memories[0].id;
    let met = current.next.get(first);
    const known = met?.find((meeting) => isOf(meeting, call, signature));
    if (known !== undefined) {
      this.#current = known.group ?? current;
      return known.group !== undefined;
    }
    const group = current.group.with(call, signature, this.#limit);
    // What begins no group is what a training step is made of: not worth a note.
    if (current === this.#root && group === undefined) return false;
    const kept = group && newKept<T>(group);
    const memories = [...call.memories], parameters = [...call.parameters];
    if (met === undefined) current.next.set(first, met = []);
    met.push({ signature, memories, parameters, group: kept });
    this.#kept++;
    this.#current = kept ?? current;
    return kept !== undefined;
  }

  /** Gives out what is held; undefined when nothing is. */
  release(): KeptGroup<T> | undefined {
    const current = this.#current;
    if (current === this.#root) return undefined;
    if (this.#kept > MOST_KEPT) {
      this.#root = newKept(new Group());
      this.#kept = 0;
    }
    this.#current = this.#root;
    return current;
  }
}

function newKept<T>(group: Group): KeptGroup<T> {
  return { group, next: new Map() };
}

function isOf<T>(
  { signature, memories, parameters }: Meeting<T>,
  call: Call,
  own: Signature,
): boolean {
  if (signature !== own) return false;
  for (let i = 0; i < memories.length; i++) {
    if (memories[i] !== call.memories[i]) return false;
  }
  for (let i = 0; i < parameters.length; i++) {
    if (parameters[i] !== call.parameters[i]) return false;
  }
  return true;
}
