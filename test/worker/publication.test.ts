import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sealManifest, serialiseManifest } from "../../src/publication/manifest.ts";
import { load } from "../../src/workerd.ts";
import { createWorker } from "../../worker/worker.ts";
import { assetFile, indexFile, queryOf, sendTo } from "./client.ts";
import { type Put, publish } from "./publish.ts";

const KEY = "words/current.json";
const R2 = { INDEX_SOURCE: "r2", INDEX_KEY: KEY };
/** A check for a newer index at every request. */
const EAGER = { ...R2, REFRESH_SECONDS: "0.001" };

let first: Uint8Array;
let second: Uint8Array;
let put: Put;

beforeAll(async () => {
  first = await indexFile();
  second = await assetFile("other.midx");
  put = (key, value) => env.INDEX.put(key, value);
});

beforeEach(async () => {
  const { objects } = await env.INDEX.list();
  await env.INDEX.delete(objects.map(({ key }) => key));
  await publish(put, KEY, first, "one");
});

interface Ready {
  readonly status: string;
  readonly version: string;
  readonly contentId: string;
  readonly reason?: { readonly code: string; readonly detail: string };
}

/** A Worker, and its answer after its next check. */
function eager() {
  const worker = createWorker();
  const ready = async (): Promise<Ready> => (await sendTo(worker, "/readyz", EAGER)).json();
  const looked = async (): Promise<Ready> => {
    await pause(2);
    await ready();
    return ready();
  };
  return { worker, ready, looked };
}

/** Publishes two parts, which a Worker that serves one file does not know how to serve. */
async function putManifest(): Promise<void> {
  const file = { sha256: "0".repeat(64), byteLength: 7, classes: 50, memoryBytes: 65536 };
  const parts = [0, 1].map((number) => ({ number, pointer: `versions/${number}.json`, ...file, idBase: 50 * number }));
  const facts = { dim: 8, metric: "dot", hasLabels: false } as const;
  const known = { version: "two", classes: 100, facts, parts, recallCurves: null, calibration: null, log: null };
  await put(KEY, serialiseManifest(await sealManifest(known)));
}

const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

describe("a published index", () => {
  it.each([
    ["r2", "one"],
    ["kv", "in-kv"],
    ["assets", "asset-1"],
  ])("is read part by part from %s, and served under its version", async (source, version) => {
    await publish((key, value) => env.INDEX_KV.put(key, value), KEY, first, "in-kv");
    const response = await sendTo(createWorker(), "/readyz", { INDEX_SOURCE: source, INDEX_KEY: KEY });
    const { contentId } = (await load(first)).info;
    expect(await response.json()).toEqual({ status: "ready", version, contentId });
  });

  it.each([
    ["a part that is missing", { parts: [{ sha256: "0".repeat(64), byteLength: 7 }], byteLength: 7 }, "index_missing"],
    ["another SHA-256", { sha256: "0".repeat(64) }, "index_invalid"],
  ])("with %s is not served", async (_, fields, code) => {
    await publish(put, KEY, first, "bad", fields);
    const response = await sendTo(createWorker(), "/readyz", R2);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code });
  });
});

describe.each([
  ["r2", (key: string, value: Uint8Array | string) => env.INDEX.put(key, value)],
  ["kv", (key: string, value: Uint8Array | string) => env.INDEX_KV.put(key, value)],
] as const)("a newer version in %s", (source, putThere) => {
  it("takes the place of the older, and answers are its own", async () => {
    const key = `${source}/current.json`;
    const vars = { INDEX_SOURCE: source, INDEX_KEY: key, REFRESH_SECONDS: "0.001" };
    await publish(putThere, key, first, "one");
    const worker = createWorker();
    const vector = queryOf(8, 3);
    const ask = async () => {
      const body = JSON.stringify({ vector, k: 4, seed: 1 });
      const init = { method: "POST", headers: { "content-type": "application/json" }, body };
      return (await sendTo(worker, "/v1/predict", vars, init)).json<{ version: string; ids: number[] }>();
    };
    const offline = async (file: Uint8Array) => Array.from((await load(file)).predict(vector, 4, { seed: 1 }).ids);
    expect(await ask()).toMatchObject({ version: "one", ids: await offline(first) });
    await publish(putThere, key, second, "two");
    await pause(2);
    expect(await ask()).toMatchObject({ version: "one", ids: await offline(first) }); // and looks, after its answer
    expect(await ask()).toMatchObject({ version: "two", ids: await offline(second) });
  });
});

it("a file that nobody points to is looked at too, by its tag", async () => {
  await put("plain.midx", first);
  const worker = createWorker();
  const vars = { INDEX_SOURCE: "r2", INDEX_KEY: "plain.midx", REFRESH_SECONDS: "0.001" };
  const contentId = async () => (await (await sendTo(worker, "/readyz", vars)).json<Ready>()).contentId;
  expect(await contentId()).toBe((await load(first)).info.contentId);
  await put("plain.midx", second);
  await pause(2);
  await contentId();
  expect(await contentId()).toBe((await load(second)).info.contentId);
});

it("REFRESH_SECONDS = 0 never looks", async () => {
  const worker = createWorker();
  const ready = async () => (await sendTo(worker, "/readyz", { ...R2, REFRESH_SECONDS: "0" })).json<Ready>();
  await ready();
  await publish(put, KEY, second, "two");
  await pause(2);
  await ready();
  expect(await ready()).toMatchObject({ version: "one" });
});

describe("a bad new version", () => {
  it.each<[string, () => Promise<unknown>, string, RegExp]>([
    [
      "of no JSON",
      () => put(KEY, "{"),
      "index_invalid",
      /^the bucket bound as INDEX: words\/current.json: the pointer: expected JSON, got "{": let midx write it again/,
    ],
    [
      "of a pointer with a wrong field",
      () => publish(put, KEY, second, "a/b"),
      "index_invalid",
      /: words\/current.json: the pointer: "version" expected/,
    ],
    [
      "that is a manifest of parts",
      putManifest,
      "index_invalid",
      /"kind" expected none, got "manifest": publish an index file/,
    ],
    ["without its pointer", () => env.INDEX.delete(KEY), "index_missing", /has no "words\/current.json"/],
    ["without a part", () => withoutPart(), "index_missing", /has no "words\/parts\/[0-9a-f]{64}"/],
    ["with a part cut short", () => withPart((part) => part.slice(1)), "index_invalid", /expected \d+ bytes, got \d+/],
    ["with a part too long", () => withPart((part) => concat(part, part)), "index_invalid", /expected \d+ bytes, got/],
    ["with one bit turned", () => withPart(flipped), "index_invalid", /at byte \d+/],
    [
      "of a good file with another SHA-256",
      () => publish(put, KEY, second, "two", { sha256: "0".repeat(64) }),
      "index_invalid",
      /expected SHA-256 0{64}, got [0-9a-f]{64}/,
    ],
    ["that is no index", () => publish(put, KEY, new Uint8Array(7000), "zeros"), "index_invalid", /at byte/],
  ])("%s leaves the old one serving, says why, and a good one is taken", async (_, spoil, code, detail) => {
    const { ready, looked } = eager();
    expect(await ready()).toMatchObject({ status: "ready", version: "one" });
    await spoil();
    expect(await looked()).toMatchObject({
      status: "degraded",
      version: "one",
      reason: { code, detail: expect.stringMatching(detail) },
    });
    await publish(put, KEY, second, "good");
    expect(await looked()).toMatchObject({ status: "ready", version: "good" });
  });

  it("is forgotten when the pointer goes back to what is served", async () => {
    const { ready, looked } = eager();
    await ready();
    await publish(put, KEY, new Uint8Array(7000), "zeros");
    expect(await looked()).toMatchObject({ status: "degraded" });
    await publish(put, KEY, first, "one");
    expect(await looked()).toEqual({ status: "ready", version: "one", contentId: (await load(first)).info.contentId });
  });

  async function withPart(change: (part: Uint8Array) => Uint8Array): Promise<void> {
    const pointer = await publish(put, KEY, second, "two");
    const key = `words/parts/${pointer.parts[1]?.sha256}`;
    const part = new Uint8Array((await (await env.INDEX.get(key))?.arrayBuffer()) as ArrayBuffer);
    await put(key, change(part));
  }

  async function withoutPart(): Promise<void> {
    const pointer = await publish(put, KEY, second, "two");
    await env.INDEX.delete(`words/parts/${pointer.parts[1]?.sha256}`);
  }
});

const concat = (a: Uint8Array, b: Uint8Array): Uint8Array => Uint8Array.from([...a, ...b]);
const flipped = (part: Uint8Array): Uint8Array => part.map((byte, i) => (i === part.length >> 1 ? byte ^ 4 : byte));
