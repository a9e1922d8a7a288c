/**
 * What goes wrong with a request, in the shape that OpenAI's clients know.
 *
 * @module
 */

import { BusyError, UnknownModelError, UnknownStateError } from "../engine.ts";

/** Seconds after which a client may try again where too many ask. */
const RETRY_AFTER = "1";

/** A request that is not answered as it was meant. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** Of HTTP. */
  readonly status: number;
  /** What of the request is wrong, where it is one thing. */
  readonly param: string | null;
  /** A word for programs. */
  readonly code: string | null;
  /** Headers that belong to the answer. */
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param status Of HTTP.
   * @param message One line for people.
   * @param about What is wrong, and a word for it.
   */
  constructor(
    status: number,
    message: string,
    { param = null, code = null, headers = {} }: {
      param?: string | null;
      code?: string | null;
      headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.param = param;
    this.code = code;
    this.headers = headers;
  }

  /** The kind of error, as OpenAI names them. */
  get type(): string {
    if (this.status === 401) return "authentication_error";
    if (this.status === 403) return "permission_error";
    if (this.status === 429) return "rate_limit_error";
    return this.status >= 500 ? "server_error" : "invalid_request_error";
  }

  /** The body of an answer. */
  get body(): Readonly<Record<string, unknown>> {
    const { message, type, param, code } = this;
    return { error: { message, type, param, code } };
  }
}

/** A request that cannot be, for what one of its parameters is. */
export function badRequest(
  param: string | null,
  message: string,
  code = "invalid_value",
): ApiError {
  return new ApiError(400, message, { param, code });
}

/**
 * What a client is told of an error.
 *
 * @param error As it was thrown; what nobody foresaw is not shown to clients.
 */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof UnknownModelError) {
    const about = { param: "model", code: "model_not_found" };
    return new ApiError(404, error.message, about);
  }
  if (error instanceof UnknownStateError) {
    return badRequest(
      "previous_response_id",
      error.message,
      "previous_response_not_found",
    );
  }
  if (error instanceof BusyError) {
    return new ApiError(429, error.message, {
      code: "rate_limit_exceeded",
      headers: { "retry-after": RETRY_AFTER },
    });
  }
  if (error instanceof RangeError) return badRequest(null, error.message);
  return new ApiError(500, "Cannot answer: the server failed", {
    code: "internal_error",
  });
}
