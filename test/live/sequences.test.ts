import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyChanges } from "../../src/changes/index.ts";
import { liveApp } from "../../src/cli/hosting/live-app.ts";
import { openEncoder, type SequenceEncoder } from "../../src/encoder/index.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { liveSettingsOf } from "../../worker/live/live-settings.ts";
import { partedItems } from "../sequences/parted-items.ts";
import { type Answered, digestOf, sent, WRITER } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";

// The answers of midx serve --log to sequences: by one index, and by all parts of a manifest in one process.

const SEQUENCE = ["item-3", "new", "item-28", "item-3"];
const ROW = [0.5, -0.25, 0.125, 0.5, -0.5, 0.25, 0, 0.125];
const CONDITIONS = { temperature: 0.5, exclude: ["item-2"], history: ["new"], frequencyPenalty: 0.5 };

const folder = mkdtempSync(join(tmpdir(), "midx-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let index: MultiIndex;
let encoder: SequenceEncoder;
const paths: Record<string, string> = {};
beforeAll(async () => {
  const { one, manifest } = await partedItems(folder, { encoder: "gru" });
  Object.assign(paths, { "one index": one, "a manifest": manifest });
  index = await load(readFileSync(one), { maxDelta: 10 });
  applyChanges(index, {
    upserts: { labels: ["new", "item-3"], rows: Float32Array.from([...ROW, ...ROW.toReversed()]), biases: [0, 0] },
    removals: ["item-9"],
  });
  encoder = await openEncoder(index);
});

describe.each(["one index", "a manifest"])("sequences with changes, of %s", (name) => {
  let app: Pick<Hono, "request">;
  const post = async (path: string, body: object): Promise<Answered> => {
    const answer = await sent(app, path, { minMutation: 2, ...body });
    return { ...answer, body: { ...answer.body, version: "", requestId: "" } };
  };
  beforeAll(async () => {
    const live = liveApp({
      ...{ path: paths[name] as string, isManifest: name === "a manifest", log: new MemoryLog() },
      ...{ live: liveSettingsOf({ writeTokens: [digestOf(WRITER)] }), refreshSeconds: undefined, digest: undefined },
    });
    // A process takes the address of its callers from their sockets.
    const request: Hono["request"] = (path, init) =>
      live.request(path, init, { incoming: { socket: { remoteAddress: "::1" } } });
    app = { request };
    const upserts = { labels: ["new", "item-3"], rows: [ROW, ROW.toReversed()], biases: [0, 0] };
    expect((await sent(app, "/v1/upsert", upserts)).status).toBe(200);
    expect((await sent(app, "/v1/delete", { labels: ["item-9"] })).body.sequence).toBe(2);
  });

  test.each([
    ["/v1/predict", { k: 3, exact: true, seed: 1, ...CONDITIONS }],
    ["/v1/log-partition", { exact: true, seed: 1 }],
    ["/v1/decode", { top_k: 5, allowed_token_ids: ["new", 4, 5, 6], history: [4], repetition_penalty: 1.5, seed: 6 }],
  ])("%s %j answers a sequence with a new item as its query", async (path, body) => {
    const asked = await post(path, { ...body, sequence: SEQUENCE });
    expect(asked.status, JSON.stringify(asked.body)).toBe(200);
    expect(asked.body).toEqual((await post(path, { ...body, vector: [...encoder.encode(SEQUENCE)] })).body);
  });

  test("a batch of sequences has conditions of its own", async () => {
    const body = { k: 2, exact: true, seed: 1, conditions: [{ exclude: ["new"] }, { temperature: 2 }] };
    const sequences = [SEQUENCE, ["item-1"]];
    const vectors = sequences.map((sequence) => [...encoder.encode(sequence)]);
    const { results } = (await post("/v1/predict", { ...body, sequences })).body;
    expect(results).toHaveLength(2);
    expect(results).toEqual((await post("/v1/predict", { ...body, vectors })).body.results);
  });

  test("an item that was removed is unknown, and a session goes on with its state", async () => {
    const { status, body } = await post("/v1/predict", { sequence: ["item-3", "item-9"], k: 1 });
    expect([status, body.detail]).toEqual([400, expect.stringMatching(/^"sequence\[1\]" expected .* got "item-9"; /)]);
    const skipped = await post("/v1/predict", { sequence: ["item-3", "item-9"], unknownItems: "skip", k: 1, seed: 1 });
    expect(skipped.body).toEqual((await post("/v1/predict", { sequence: ["item-3"], k: 1, seed: 1 })).body);
    const items = SEQUENCE.slice(0, 2);
    const first = await sent(app, "/v1/encode", { sequence: items }, { "x-min-mutation": "2" });
    for (const minMutation of [2, "2"]) {
      const named = await sent(app, "/v1/encode", { sequence: items, minMutation });
      expect([named.headers.get("x-mutation"), named.body.vector]).toEqual(["2", first.body.vector]);
    }
    const beyond = await post("/v1/encode", { sequence: items, minMutation: 99 });
    expect([beyond.status, beyond.body.detail]).toEqual([
      400,
      expect.stringContaining('"minMutation" expected at most 2'),
    ]);
    const { state } = first.body;
    const { vector } = (await sent(app, "/v1/encode", { sequence: SEQUENCE.slice(2), state })).body;
    expect(Float32Array.from(vector)).toEqual(encoder.encode(SEQUENCE));
  });
});
