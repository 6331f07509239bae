import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { serialiseIndexHeader } from "../../src/format/header.ts";
import { tensorTable } from "../../src/format/tensors.ts";
import { type Pointer, serialisePointer, versionKey } from "../../src/publication/pointer.ts";
import { createHandler } from "../../worker/handler.ts";
import { publishedAt } from "../../worker/publication/published-at.ts";
import { inBucket } from "../../worker/publication/stores.ts";
import { createWorker } from "../../worker/worker.ts";
import { xxh64 } from "../reference/checksum.ts";
import { assetFile, indexFile, jsonInit, queryOf, sendTo } from "./client.ts";
import { type Put, publish } from "./publish.ts";
import { factsOf } from "./published-facts.ts";

const KEY = "words/current.json";
const PUTS: Record<string, Put> = {
  r2: (key, value) => env.INDEX.put(key, value),
  kv: (key, value) => env.INDEX_KV.put(key, value),
};

beforeEach(async () => {
  const { objects } = await env.INDEX.list();
  await env.INDEX.delete(objects.map(({ key }) => key));
});

/** Publishes as `midx publish` does: the pointer of the version, and the current pointer. */
async function publishVersion(put: Put, file: Uint8Array, version: string, fields: Partial<Pointer> = {}) {
  const pointer = { ...(await publish(put, KEY, file, version, fields)), ...fields };
  await put(versionKey(KEY, version), serialisePointer(pointer));
  return pointer;
}

interface Ready {
  readonly status: string;
  readonly version: string;
  readonly reason: { readonly code: string; readonly detail: string };
}

const partOf = ({ parts }: Pointer, i: number): string => `words/parts/${parts[i]?.sha256}`;

const SPOILT: [string, (put: Put, second: Pointer) => Promise<unknown>, string][] = [
  ["a missing part", () => env.INDEX.delete("none"), "index_missing"],
  ["a part with one bit turned", (put, pointer) => putDamaged(put, pointer, flipped), "index_invalid"],
  ["a part cut short", (put, pointer) => putDamaged(put, pointer, (part) => part.slice(1)), "index_invalid"],
];

let other: Uint8Array;
async function putDamaged(put: Put, pointer: Pointer, change: (part: Uint8Array) => Uint8Array): Promise<void> {
  const begin = pointer.parts[0]?.byteLength ?? 0;
  await put(partOf(pointer, 1), change(other.slice(begin, begin + (pointer.parts[1]?.byteLength ?? 0))));
}
const flipped = (part: Uint8Array): Uint8Array => part.map((byte, i) => (i === part.length >> 1 ? byte ^ 4 : byte));

/** A file whose header claims more than any isolate's memory. Only the beginning of its tensors exists. */
function oversized(): Uint8Array {
  const shape = { itemCount: 3_000_000, dim: 64, bits: 8, bucketCount: 256, largestBucket: 3_000_000 };
  const kind = { quantizer: "rq", rows: "f32", metric: "dot", hasBias: false, hasFineCodes: false } as const;
  const names = { hasLabels: false, labelBytes: 0, seed: 0n, source: "0".repeat(16), builder: "test" };
  const facts = { ...shape, ...kind, ...names };
  const checksums = Object.fromEntries(tensorTable(facts).map(({ name }) => [name, 1n]));
  const header = serialiseIndexHeader(facts, checksums, xxh64);
  const file = new Uint8Array(header.length + 1024);
  file.set(header);
  return file;
}

describe.each(["r2", "kv"])("the first request of an isolate, with the index in %s,", (source) => {
  const put = PUTS[source] as Put;
  const vars = { INDEX_SOURCE: source, INDEX_KEY: KEY, REFRESH_SECONDS: "0.001" };

  it.each(SPOILT)("is answered by the version before one with %s", async (what, spoil, code) => {
    other = await assetFile("other.midx");
    await publishVersion(put, await indexFile(), "one");
    const second = await publishVersion(put, other, "two", { previous: "one" });
    if (what === "a missing part") await (source === "r2" ? env.INDEX : env.INDEX_KV).delete(partOf(second, 1));
    else await spoil(put, second);
    const worker = createWorker();
    const ready = await sendTo(worker, "/readyz", vars);
    expect(ready.status).toBe(200);
    expect(await ready.json<Ready>()).toMatchObject({ status: "degraded", version: "one", reason: { code } });
    const answer = await sendTo(worker, "/v1/predict", vars, jsonInit({ vector: queryOf(8, 1), k: 2 }));
    expect(await answer.json()).toMatchObject({ version: "one" });
    const metrics = await (await sendTo(worker, "/metrics", vars)).text();
    expect(metrics).toMatch(/^midx_degraded(\{.*\})? 1$/m);
    expect(metrics).toMatch(/^midx_refreshes_total\{result="failed"\} 1$/m);
  });

  it("goes back to ready when the pointer does, and takes a good version after that", async () => {
    const one = await publishVersion(put, await indexFile(), "one");
    const second = await publishVersion(put, await assetFile("other.midx"), "two", { previous: "one" });
    await put(partOf(second, 0), new Uint8Array(1));
    const worker = createWorker();
    const looked = async () => {
      for (let i = 0; i < 2; i++) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        await sendTo(worker, "/readyz", vars);
      }
      return (await sendTo(worker, "/readyz", vars)).json();
    };
    expect(await looked()).toMatchObject({ status: "degraded", version: "one", reason: { code: "index_invalid" } });
    await put(KEY, serialisePointer(one));
    expect(await looked()).toMatchObject({ status: "ready", version: "one" });
    await publishVersion(put, await assetFile("other.midx"), "three", { previous: "one" });
    expect(await looked()).toMatchObject({ status: "ready", version: "three" });
  });
});

describe("the first request of an isolate", () => {
  const put = PUTS.r2 as Put;
  const vars = { INDEX_SOURCE: "r2", INDEX_KEY: KEY };

  it("is answered by the version before one that no isolate can hold", async () => {
    await publishVersion(put, await indexFile(), "one");
    await publishVersion(put, oversized(), "two", { previous: "one" });
    const { fetch } = createHandler((bound: { INDEX: R2Bucket }) => publishedAt(inBucket(bound.INDEX), KEY));
    const ready = await (await fetch(new Request("https://midx.test/readyz"), env)).json<Ready>();
    expect(ready).toMatchObject({ status: "degraded", version: "one", reason: { code: "index_too_large" } });
  });

  it.each([
    ["another contract, whose clients it would break,", "two", 503, { code: "index_invalid" }],
    ["the same contract", undefined, 200, { status: "degraded", version: "one" }],
  ])(
    "is answered with the version before a damaged one only where that is not of %s: %s",
    async (_, contract, ...expected) => {
      await publishVersion(put, await indexFile(), "one");
      const facts = { ...(await factsOf(await indexFile())), dim: 16 };
      await publishVersion(put, new Uint8Array(6000), "two", { previous: "one", facts, ...(contract && { contract }) });
      const response = await sendTo(createWorker(), "/readyz", vars);
      expect([response.status, await response.json()]).toEqual([
        expected[0],
        expect.objectContaining(expected[1] as object),
      ]);
    },
  );

  it.each([
    ["both are damaged", async () => publishVersion(put, new Uint8Array(7000), "one"), "index_invalid"],
    ["the one before is not there", async () => undefined, "index_invalid"],
  ])("is a 503 with the reason of the current version where %s", async (_, before, code) => {
    await before();
    await publishVersion(put, new Uint8Array(6000), "two", { previous: "one" });
    const response = await sendTo(createWorker(), "/readyz", vars);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code });
  });
});
