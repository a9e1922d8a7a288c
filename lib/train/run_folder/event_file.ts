/**
 * A file of events for TensorBoard. Each start of a run has one of its own, so
 * that nothing is appended to what a crash has cut off; its first events say from
 * which step on earlier files no longer hold.
 *
 * @module
 */

import { cannotWrite } from "../../files.ts";
import {
  encodeEvent,
  encodeRecord,
  type EventContent,
} from "./event_encoding.ts";

/** How TensorBoard is to read what follows. */
const FILE_VERSION = "brain.Event:2";

/** Events are appended, each whole. */
export class EventFile {
  /** Its path. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Begins a file.
   *
   * @param folder The run's.
   * @param step Steps done so far.
   * @throws {Error} When it cannot be written.
   */
  static async create(folder: string, step: number): Promise<EventFile> {
    const now = Math.floor(Date.now() / 1000);
    // TensorBoard reads files in the order of their names.
    for (let second = now;; second++) {
      const path = `${folder}/events.out.tfevents.${second}.ptbr-slm`;
      try {
        await Deno.mkdir(folder, { recursive: true });
        await Deno.writeFile(path, new Uint8Array(), { createNew: true });
      } catch (error) {
        if (error instanceof Deno.errors.AlreadyExists) continue;
        throw cannotWrite(path, error);
      }
      const file = new EventFile(path);
      await file.append({ fileVersion: FILE_VERSION });
      // A new run, too, may stand where one was killed before its checkpoint.
      await file.append({ step: step + 1, isRestart: true });
      return file;
    }
  }

  /**
   * Appends an event of now.
   *
   * @param content What it says.
   * @throws {Error} When it cannot be written.
   */
  async append(content: EventContent): Promise<void> {
    const event = encodeEvent(Date.now() / 1000, content);
    try {
      await Deno.writeFile(this.path, encodeRecord(event), { append: true });
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }
}
