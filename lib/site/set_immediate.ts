/**
 * What stands for `node:timers` in the bundle of the page's worker: browsers have
 * no `setImmediate`, but a message to oneself comes as soon.
 *
 * @module
 */

const { port1, port2 } = new MessageChannel();
const waiting: (() => void)[] = [];
port1.onmessage = () => waiting.shift()?.();

/** Calls a function after what has happened meanwhile. */
export function setImmediate(work: () => void): void {
  waiting.push(work);
  port2.postMessage(undefined);
}
