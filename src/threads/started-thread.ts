import program from "./thread-program.ts?program";

/** The functions that a runtime calls with the messages of a thread, and with the reason when it ends. */
interface Listeners {
  readonly onMessage: () => void;
  readonly onEnd: (reason: string) => void;
}

/** A thread, in any runtime. */
export interface StartedThread {
  readonly send: (message: unknown) => void;
  readonly end: () => void;
}

/** Starts a thread that keeps no process alive once it has said something. */
export function startThread(listeners: Listeners): StartedThread {
  const node = globalThis.process?.versions?.node;
  if (node === undefined) return startWebWorker(listeners);
  if (!process.getBuiltinModule) throw new Error(`"threads" expected Node 20.16 or later, got ${node}`);
  return startNodeWorker(process.getBuiltinModule("node:worker_threads"), listeners);
}

/** Starts a thread in Node, Deno or Bun. */
function startNodeWorker(
  { Worker }: typeof import("node:worker_threads"),
  { onMessage, onEnd }: Listeners,
): StartedThread {
  const worker = new Worker(program, { eval: true, execArgv: [] });
  worker.on("message", () => {
    worker.unref(); // not before: a process that waits for nothing but its start would end
    onMessage();
  });
  worker.on("error", (error) => onEnd(error.message));
  worker.on("exit", (code) => onEnd(`it ended with exit code ${code}`));
  return { send: (message) => worker.postMessage(message), end: () => void worker.terminate() };
}

/** Starts a thread in a page or its workers. */
function startWebWorker({ onMessage, onEnd }: Listeners): StartedThread {
  const url = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.onmessage = () => {
    URL.revokeObjectURL(url);
    onMessage();
  };
  worker.onerror = ({ message }) => onEnd(message || "the page's Content-Security-Policy may lack worker-src blob:");
  return { send: (message) => worker.postMessage(message), end: () => worker.terminate() };
}
