// The program of a thread: it gets its start in a message, says that it is ready, and then takes messages from memory alone.
import { serveThread, type ThreadStart } from "./thread.ts";

const port = globalThis.process?.getBuiltinModule?.("node:worker_threads").parentPort;
const READY = "ready";

if (port) port.once("message", (start: ThreadStart) => serveThread(start, () => port.postMessage(READY)));
else {
  globalThis.onmessage = ({ data }: MessageEvent<ThreadStart>) => {
    serveThread(data, () => globalThis.postMessage(READY));
    globalThis.close();
  };
}
