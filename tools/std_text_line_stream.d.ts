/** Types of `@std/streams/text-line-stream`. */

/** Splits a stream of text chunks into lines, without their endings. */
export class TextLineStream extends TransformStream<string, string> {
  constructor(options?: { allowCR?: boolean });
}
