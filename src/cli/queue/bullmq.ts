import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gotUrl, withoutPassword } from "../process/without-password.ts";

/** BullMQ as it is installed beside midx or in the current folder. This package does not contain it. */
export type BullMq = typeof import("bullmq");

/** Loads BullMQ, which needs ioredis. Throws an Error that says how to install the missing packages. */
export async function loadBullMq(): Promise<BullMq> {
  const places = [import.meta.url, pathToFileURL(join(process.cwd(), "package.json")).href];
  for (const place of places) {
    const paths = resolved(place);
    if (paths) return (await import(pathToFileURL(paths).href)) as BullMq;
  }
  throw new Error("'--queue' needs bullmq and ioredis, which are not installed here: npm install bullmq@6 ioredis@6");
}

function resolved(place: string): string | undefined {
  try {
    const { resolve } = createRequire(place);
    resolve("ioredis");
    return resolve("bullmq");
  } catch {
    return undefined;
  }
}

/** The queue that planners and workers share. */
export const QUEUE_NAME = "midx-build";

/** The options of a connection. A lost one is made again for as long as the command runs. */
export const connectionTo = (url: string) => ({ url, maxRetriesPerRequest: null });

/** Checks the URL of a queue. Throws a RangeError for any other text. */
export function checkQueueUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOfQueue = url !== undefined && /^rediss?:$/.test(url.protocol);
  // Behind the address, an "@" is that of a password which has ended the address too early.
  if (isOfQueue && !`${url.pathname}${url.search}${url.hash}`.includes("@")) return text;
  const expected = "expected the URL of a Redis or Valkey server, such as redis://127.0.0.1:6379";
  const remedy = text.includes("@") && (url === undefined || isOfQueue) ? `: ${ENCODE}` : "";
  throw new RangeError(`'--queue' ${expected}, got ${gotUrl(text)}${remedy}`);
}

const ENCODE = "in a password, write % as %25, / as %2F, @ as %40, : as %3A, ? as %3F and # as %23";

const CONNECT_SECONDS = 10;

/** A worker, or a listener to the events of a queue. */
interface Connected {
  waitUntilReady(): Promise<unknown>;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** Waits until the queue answers. Throws an Error that names it if it does not. */
export async function waitForQueue(queue: Connected, url: string): Promise<void> {
  let last = "no answer";
  queue.on("error", ({ message }) => {
    last = message;
  });
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${withoutPassword(url)} is not reachable (${last}): start Valkey or Redis there`));
    }, CONNECT_SECONDS * 1000);
  });
  try {
    await Promise.race([queue.waitUntilReady(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
