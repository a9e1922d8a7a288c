/**
 * Whether the server on this machine answers, as an exit code: for images,
 * which have no curl.
 *
 *     deno run --allow-net=127.0.0.1:8080 healthy.js [PORT]
 */

const [port = "8080"] = Deno.args;
/** A server that takes longer is not healthy, in ms. */
const PATIENCE = 4000;

try {
  const signal = AbortSignal.timeout(PATIENCE);
  const response = await fetch(`http://127.0.0.1:${port}/health`, { signal });
  Deno.exit(response.ok ? 0 : 1);
} catch (error) {
  console.error(`error: Cannot reach the server: ${error.message}`);
  Deno.exit(1);
}
