/**
 * Threads share memory on isolated pages only (COOP and COEP). Where the host
 * does not send those headers, a service worker does, from the second look on:
 * so the page is loaded once more when that is ready. It also keeps the page's
 * files, which is then there without the network.
 */

const TRIED = "isolation-tried";

if ("serviceWorker" in navigator) {
  const { serviceWorker } = navigator;
  const script = new URL("service_worker.js", document.baseURI);
  // Where there may be none, one thread does; without the network it is there.
  const registering = serviceWorker.register(script).catch(() => undefined);
  const isFirst = !crossOriginIsolated && !sessionStorage.getItem(TRIED);
  if (isFirst && await registering !== undefined) {
    sessionStorage.setItem(TRIED, "yes");
    await serviceWorker.ready;
    location.reload();
    await new Promise(() => {}); // until it is loaded again
  }
}
