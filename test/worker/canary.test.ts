import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { type Pointer, serialisePointer, versionKey } from "../../src/publication/pointer.ts";
import type { ServiceEnv } from "../../worker/environment/env.ts";
import type { Handler } from "../../worker/handler-types.ts";
import { createWorker } from "../../worker/worker.ts";
import { assetFile, indexFile, jsonInit, queryOf, sendTo } from "./client.ts";
import { publish } from "./publish.ts";
import { factsOf } from "./published-facts.ts";

const KEY = "words/current.json";
const VARS = { INDEX_SOURCE: "r2", INDEX_KEY: KEY, REFRESH_SECONDS: "0.001" };
const put = (key: string, value: Uint8Array | string) => env.INDEX.put(key, value);
const KEYS = Array.from({ length: 200 }, (_, i) => `caller-${i}`);

let pointers: Record<"a" | "b", Pointer>;
let worker: Handler<ServiceEnv>;
/** Makes `version` current, with a share for a canary. */
const current = (version: "a" | "b", canary?: Pointer["canary"]) =>
  put(KEY, serialisePointer({ ...pointers[version], ...(canary && { canary }) }));
const ask = async (key?: string, init: Record<string, string> = {}): Promise<Response> => {
  const request = jsonInit({ vector: queryOf(8, 1), seed: 1 });
  const headers = { ...(request.headers as object), ...(key !== undefined && { "x-client-key": key }), ...init };
  return sendTo(worker, "/v1/predict", VARS, { ...request, headers });
};
const versionFor = async (key?: string, init?: Record<string, string>): Promise<string> => {
  const response = await ask(key, init);
  const { version } = await response.json<{ version: string }>();
  expect(response.headers.get("x-index-version")).toBe(version);
  return version;
};
const versions = async (keys = KEYS) =>
  Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await versionFor(key)])));
const callersOf = (answers: Record<string, string>, version: string) => KEYS.filter((key) => answers[key] === version);
const ready = async () => (await sendTo(worker, "/readyz", VARS)).json<Record<string, unknown>>();
/** Lets looks for another version come to their end. */
const refreshed = async () => {
  for (let i = 0; i < 3; i++) await ready().then(() => new Promise((resolve) => setTimeout(resolve, 5)));
};

beforeEach(async () => {
  const { objects } = await env.INDEX.list();
  await env.INDEX.delete(objects.map(({ key }) => key));
  const files = { a: await indexFile(), b: await assetFile("other.midx") };
  pointers = {} as typeof pointers;
  for (const version of ["a", "b"] as const) {
    const facts = await factsOf(files[version]);
    pointers[version] = { ...(await publish(put, KEY, files[version], version)), facts };
    await put(versionKey(KEY, version), serialisePointer(pointers[version]));
  }
  await current("a");
  worker = createWorker();
});

describe("a canary", () => {
  it("answers its share of the callers, the same ones in every isolate and more of them at a larger share", async () => {
    await current("a", { version: "b", share: 0.2 });
    const answers = await versions();
    const few = callersOf(answers, "b");
    // 40 expected of 200, with a deviation of 5.7. The hashes of these keys are what they are.
    expect(Math.abs(few.length - 40)).toBeLessThan(18);
    expect(callersOf(answers, "a")).toHaveLength(200 - few.length);
    worker = createWorker();
    expect(answers).toMatchObject(await versions(KEYS.slice(0, 60)));
    await current("a", { version: "b", share: 0.6 });
    await refreshed();
    const many = callersOf(await versions(), "b");
    expect(many.length).toBeGreaterThan(few.length + 40);
    expect(few.filter((key) => !many.includes(key))).toEqual([]);
  });

  it("answers all with a share of 1 and nobody with 0, and the current version is what /readyz names", async () => {
    for (const [share, version] of [
      [0, "a"],
      [1, "b"],
    ] as const) {
      worker = createWorker();
      await current("a", { version: "b", share });
      expect(new Set(Object.values(await versions(KEYS.slice(0, 40))))).toEqual(new Set([version]));
      expect(await ready()).toMatchObject({ status: "ready", version: "a", canary: { version: "b", share } });
    }
  });

  it("is chosen by the id of the request without a key", async () => {
    await current("a", { version: "b", share: 0.5 });
    const ids = KEYS.slice(0, 40);
    const chosen = await Promise.all(ids.map((id) => versionFor(undefined, { "x-request-id": id })));
    expect(chosen).toEqual(await Promise.all(ids.map((id) => versionFor(id))));
    expect(new Set(chosen)).toEqual(new Set(["a", "b"]));
  });

  it("is counted under its own name", async () => {
    await current("a", { version: "b", share: 0.5 });
    const answers = await versions(KEYS.slice(0, 60));
    const text = await (await sendTo(worker, "/metrics", VARS)).text();
    for (const version of ["a", "b"]) {
      const count = callersOf(answers, version).length;
      expect(text).toContain(`midx_answers_total{route="/v1/predict",version="${version}"} ${count}\n`);
      expect(text).toContain(`midx_index_info{version="${version}"`);
    }
    expect(text).not.toContain("caller-");
  });

  it("that is promoted, that is rolled back, or whose share changes is not read again", async () => {
    await current("a", { version: "b", share: 0.5 });
    const before = await ready();
    expect(before).toMatchObject({ version: "a" });
    for (const { parts } of [pointers.a, pointers.b]) {
      for (const { sha256 } of parts) await env.INDEX.delete(`words/parts/${sha256}`);
    }
    await current("a", { version: "b", share: 1 });
    await refreshed();
    expect(await versionFor("x")).toBe("b");
    await current("b");
    await refreshed();
    expect(await ready()).toMatchObject({ status: "ready", version: "b" });
    expect(await versionFor("x")).toBe("b");
  });

  it("that is damaged is not served, and health says so until it is ended", async () => {
    const [part] = pointers.b.parts;
    await put(`words/parts/${part?.sha256}`, "no part");
    await current("a", { version: "b", share: 1 });
    for (let isolate = 0; isolate < 2; isolate++) {
      expect(await versionFor("x")).toBe("a");
      const health = await ready();
      expect(health).toMatchObject({ status: "degraded", version: "a", reason: { code: "index_invalid" } });
      expect(health).not.toHaveProperty("canary");
      // The second isolate meets the canary while it serves.
      if (isolate === 0) {
        worker = createWorker();
        await current("a");
        await ready();
        await current("a", { version: "b", share: 1 });
        await refreshed();
      }
    }
    await current("a");
    await refreshed();
    expect(await ready()).toEqual({ status: "ready", version: "a", contentId: expect.any(String) });
  });

  it("may change places with the current version", async () => {
    await current("a", { version: "b", share: 1 });
    expect(await versionFor("x")).toBe("b");
    await current("b", { version: "a", share: 1 });
    await refreshed();
    expect(await ready()).toMatchObject({ status: "ready", version: "b", canary: { version: "a" } });
    expect(await versionFor("x")).toBe("a");
  });
});

it("serves a version by its own pointer", async () => {
  const vars = { ...VARS, INDEX_KEY: versionKey(KEY, "b") };
  const answer = await sendTo(worker, "/readyz", vars);
  expect(await answer.json()).toMatchObject({ status: "ready", version: "b" });
});
