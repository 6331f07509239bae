import { beforeEach, describe, expect, test } from "vitest";
import { createLiveHandler } from "../../worker/live-handler.ts";
import { catalogue, digestOf, Isolate, published, rowOf, WRITER } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";

const file = catalogue();
const READER = "reader";
const VECTORIZE = "/client/v4/accounts/a/vectorize/v2/indexes/words";
const lines = new Blob([JSON.stringify({ id: "new", values: rowOf(1) })]);
/** Every route that writes, with a body and its type. */
const WRITES: readonly (readonly [path: string, body: object, type: string])[] = [
  ["/v1/upsert", { labels: ["new"], rows: [rowOf(1)] }, "application/json"],
  ["/v1/delete", { labels: ["new"] }, "application/json"],
  [`${VECTORIZE}/insert`, lines, "application/x-ndjson"],
  [`${VECTORIZE}/upsert`, lines, "application/x-ndjson"],
  [`${VECTORIZE}/delete_by_ids`, { ids: ["new"] }, "application/json"],
];
/** Routers take all of these spellings for the same path. */
const SPELLINGS: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => `${path}/`,
  (path) => path.replace(/\w(?=\w*$)/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
];

let log: MemoryLog;
beforeEach(() => {
  log = new MemoryLog();
});

async function isolateWith(tokens?: readonly string[]): Promise<Isolate> {
  return new Isolate({ current: published(await file, "first") }, log, { ...(tokens && { tokens }) });
}

describe.each(WRITES)("%s", (path, body, type) => {
  test.each(SPELLINGS.map((spell) => spell(path)))("takes no token but that of a writer at %s", async (spelled) => {
    const [open, closed] = [await isolateWith(), await isolateWith([digestOf(READER)])];
    const send = async (isolate: Isolate, authorization: string) =>
      (await isolate.send(spelled, body, { authorization, "content-type": type })).status;
    expect(await send(open, "")).toBe(401);
    expect(await send(open, `Bearer ${READER}`)).toBe(401);
    expect(await send(closed, `Bearer ${READER}`)).toBe(401);
    expect((await log.read(0)).head).toBe(0);
    expect(await send(closed, `Bearer ${WRITER}`)).toBe(200);
    expect((await log.read(0)).head).toBe(1);
  });
});

test("a writer and a reader are two callers to the rate limit", async () => {
  const keys: string[] = [];
  const limit = async ({ key }: { readonly key: string }) => {
    const isNew = !keys.includes(key);
    keys.push(key);
    return { success: isNew };
  };
  const handler = createLiveHandler(() => file as Promise<Uint8Array<ArrayBuffer>>, {
    log: () => log,
    tokens: [digestOf(READER), digestOf("both")],
    writeTokens: [digestOf("both"), digestOf(WRITER)],
    bindings: () => ({ rateLimiter: { limit } }),
  });
  const statusOf = async (path: string, token: string, body?: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = { headers, ...(body !== undefined && { method: "POST", body }) };
    return (await handler.fetch(new Request(`http://midx${path}`, init), {})).status;
  };
  const removal = JSON.stringify({ labels: ["a"] });
  expect(await statusOf("/v1/info", READER)).toBe(200);
  expect(await statusOf("/v1/delete", "both", removal)).toBe(200);
  expect(await statusOf("/v1/info", "both")).toBe(429); // it is the same caller, whatever it asks for
  expect(await statusOf("/v1/delete", WRITER, removal)).toBe(200);
  expect(new Set(keys).size).toBe(3);
});

test("a key is of its token, however the header is written", async () => {
  const isolate = await isolateWith();
  const sequences = [];
  for (const scheme of ["Bearer ", "bearer ", "BEARER  "]) {
    const headers = { "idempotency-key": "k", authorization: scheme + WRITER };
    sequences.push((await isolate.send("/v1/delete", { labels: ["a"] }, headers)).body.sequence);
  }
  expect(sequences).toEqual([1, 1, 1]);
});
