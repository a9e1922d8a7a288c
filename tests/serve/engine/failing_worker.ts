/** A Worker that opens, and fails when it shall write. */
const port = self as unknown as {
  onmessage: (event: MessageEvent) => void;
  postMessage(message: unknown): void;
};
port.onmessage = ({ data }) => {
  if ("leave" in data) return;
  if (!("open" in data.ask)) throw new Error("out of memory");
  port.postMessage({ number: data.number, value: [] });
};
