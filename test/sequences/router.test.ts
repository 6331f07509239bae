import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MOST_LINE_BYTES, readPartsEncoder } from "../../src/cli/building/parts-encoder.ts";
import { routerApp } from "../../src/cli/hosting/manifest-apps.ts";
import { manifestFile } from "../../src/cli/hosting/manifest-publisher.ts";
import { encoderMessage } from "../../src/encoder/encoder-message.ts";
import { openEncoder, openSharedEncoder, type SequenceEncoder } from "../../src/encoder/index.ts";
import { encoderSection } from "../../src/format/encoder.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { trainSequences } from "../../src/train/index.ts";
import type { SequenceOptions } from "../../src/train/sequences/options.ts";
import { sequencesBy } from "../../worker/router/sequences-by.ts";
import { createRouter } from "../../worker/router.ts";
import { itemsWork } from "../../worker/sequences/sequence-queries.ts";
import { stateWork } from "../../worker/sequences/state.ts";
import { makeFolder, writeInput } from "../cli/files.ts";
import { midx } from "../cli/run.ts";
import { FaultyHost, killed } from "../router/faulty-hosts.ts";
import { ask, hostOf, partHost, router } from "../router/in-process.ts";
import { PART_COUNT, partedItems } from "./parted-items.ts";

/** Stands for a file of names. */
const NAMES = "names";
const SEQUENCE = ["item-3", "item-28", "item-3", "item-14", "item-29"];

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Served {
  readonly index: MultiIndex;
  readonly encoder: SequenceEncoder;
  readonly manifest: string;
  readonly apps: Readonly<Record<string, App>>;
}

type App = Pick<Hono, "request" | "fetch">;

/** The application of a process, which takes the address of its callers from their sockets. */
const inProcess = (app: Hono): App => ({
  request: (path, init) => app.request(path, init, { incoming: { socket: { remoteAddress: "::1" } } }),
  fetch: app.fetch,
});

/** Trains an encoder and builds its items as one index and as three parts, which routers serve. */
async function served(options: SequenceOptions): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), "midx-test-"));
  folders.push(folder);
  const { one, manifest } = await partedItems(folder, options);
  const index = await load(readFileSync(one));
  const publisher = manifestFile(manifest);
  const hosts = Array.from({ length: PART_COUNT }, (_, number) => hostOf(partHost(publisher, number)));
  const places = { origins: undefined, groups: undefined, token: undefined };
  return {
    ...{ index, encoder: await openEncoder(index), manifest },
    apps: {
      "one process": inProcess(routerApp({ path: manifest, refreshSeconds: undefined, digest: undefined }, places)),
      "a router of hosts": router(publisher, ({ place }) => [hosts[place] as (typeof hosts)[number]], {
        sequences: sequencesBy(openSharedEncoder),
      }).app,
    },
  };
}

let gru: Served;
let attention: Served;
beforeAll(async () => {
  gru = await served({ units: 12 });
  attention = await served({ encoder: "attention", blocks: 1, length: 3 });
}, 60_000);

describe.each(["one process", "a router of hosts"])("over the parts of a manifest, %s", (place) => {
  test.each(["gru", "attention"] as const)("makes the queries of one index, by %s", async (kind) => {
    const { index, encoder, apps } = kind === "gru" ? gru : attention;
    const app = apps[place] as App;
    const query = index.encode(SEQUENCE);
    const { status, answer } = await ask(app, "/v1/encode", { sequence: SEQUENCE });
    expect(status, JSON.stringify(answer)).toBe(200);
    expect(Float32Array.from(answer.vector)).toEqual(query);
    const [found, expected] = [{ sequence: SEQUENCE }, { vector: Array.from(query) }].map((given) =>
      ask(app, "/v1/predict", { ...given, k: 3, seed: 1 }),
    );
    expect({ ...(await found)?.answer, requestId: "" }).toEqual({ ...(await expected)?.answer, requestId: "" });
    // A session that grows.
    const { state } = (await ask(app, "/v1/encode", { sequence: SEQUENCE.slice(0, 2) })).answer;
    const grown = await ask(app, "/v1/encode", { sequence: SEQUENCE.slice(2), state });
    expect(grown.answer).toMatchObject({ vector: answer.vector, state: answer.state });
    const last = SEQUENCE.slice(0, -1).reduce((before, item) => encoder.step(before, item).state, encoder.start());
    expect(encoder.step(last, "item-29").query).toEqual(query);
  });

  test.each([
    ["/v1/predict", { k: 4, seed: 1, exclude: ["item-5"] }],
    ["/v1/predict", { k: 4, exact: true, seed: 3 }],
    ["/v1/sample", { draws: 5, seed: 2 }],
    ["/v1/log-partition", { seed: 5 }],
    ["/v1/log-probability", { ids: ["item-9", 1], seed: 4 }],
    ["/v1/decode", { top_p: 0.9, history: ["item-3"], seed: 6 }],
  ])("answers a sequence as its query: %s %j", async (path, body) => {
    const app = gru.apps[place] as App;
    const queries = [SEQUENCE, [7, "item-20"]].map((sequence) => Array.from(gru.index.encode(sequence)));
    const [a, b, c] = [
      await ask(app, path, { ...body, sequence: SEQUENCE }),
      await ask(app, path, { ...body, vector: queries[0] }),
      await ask(app, path, { ...body, sequences: [SEQUENCE, [7, "item-20"]] }),
    ];
    expect(a.status, JSON.stringify(a.answer)).toBe(200);
    expect({ ...a.answer, requestId: "" }).toEqual({ ...b.answer, requestId: "" });
    expect(c.answer.results).toEqual((await ask(app, path, { ...body, vectors: queries })).answer.results);
  });

  test("finds the classes of one index", async () => {
    const app = gru.apps[place] as App;
    const { answer } = await ask(app, "/v1/predict", { sequence: SEQUENCE, k: 5, exact: true });
    const { ids, scores } = gru.index.topK(gru.index.encode(SEQUENCE), 5, { exact: true });
    expect(answer).toMatchObject({ ids: Array.from(ids), scores: Array.from(scores) });
  });

  test("refuses unknown items by name, or leaves them out", async () => {
    const app = gru.apps[place] as App;
    const unknown = ["item-3", "nothing", 99, "item-4"];
    const refused = await ask(app, "/v1/predict", { sequences: [SEQUENCE, unknown], k: 2 });
    expect(refused.status).toBe(400);
    expect(refused.answer.detail).toBe(
      '"sequences[1][1]" expected an item with a vector, an integer in 0..29 or a label of the index, got "nothing"; "unknownItems": "skip" leaves such items out',
    );
    const encoded = await ask(app, "/v1/encode", { sequence: ["item-3", 99] });
    expect(encoded.answer.detail).toBe(
      '"sequence[1]" expected an item with a vector, an integer in 0..29 or a label of the index, got 99; "unknownItems": "skip" leaves such items out',
    );
    for (const path of ["/v1/encode", "/v1/predict"]) {
      const body = path === "/v1/encode" ? {} : { k: 3, seed: 1 };
      const skipped = await ask(app, path, { ...body, sequence: unknown, unknownItems: "skip" });
      const known = await ask(app, path, { ...body, sequence: ["item-3", "item-4"] });
      expect({ ...skipped.answer, requestId: "" }).toEqual({ ...known.answer, requestId: "" });
      expect((await ask(app, path, { ...body, sequence: [99], unknownItems: "skip" })).answer.detail).toContain(
        '"sequence" expected at least one known item, got none',
      );
    }
  });
});

test("counts the work of all parts in one process, and of the largest elsewhere", async () => {
  const asked = { vectors: Array(3).fill(Array(8).fill(0.5)), draws: 4096, seed: 1 };
  expect((await ask(gru.apps["one process"] as App, "/v1/sample", asked)).answer.code).toBe("too_much_work");
  expect((await ask(gru.apps["a router of hosts"] as App, "/v1/sample", asked)).status).toBe(200);
});

test("counts items as work", async () => {
  const publisher = manifestFile(gru.manifest);
  const hosts = Array.from({ length: PART_COUNT }, (_, number) => hostOf(partHost(publisher, number)));
  const asked = (maxWork: number) =>
    router(publisher, ({ place }) => [hosts[place] as (typeof hosts)[number]], {
      ...{ sequences: sequencesBy(openSharedEncoder), maxWork },
    }).app;
  const needed = itemsWork(gru.encoder, 8, 40) + stateWork(2 * gru.encoder.units) + 8 * 1400;
  const sequence = Array<string>(40).fill("item-1");
  expect((await ask(asked(needed), "/v1/encode", { sequence })).status).toBe(200);
  const { answer } = await ask(asked(needed - 1), "/v1/encode", { sequence });
  expect(answer.detail).toContain(`needs ${needed} multiply-adds, the limit is ${needed - 1}`);
  expect((await ask(asked(needed), "/v1/predict", { sequences: [sequence, sequence] })).answer.code).toBe(
    "too_much_work",
  );
});

describe("the hosts of parts", () => {
  const hosts = () => {
    const publisher = manifestFile(gru.manifest);
    const all = Array.from({ length: PART_COUNT }, (_, number) => new FaultyHost(hostOf(partHost(publisher, number))));
    const { app } = router(publisher, ({ place }) => [all[place] as FaultyHost], {
      sequences: sequencesBy(openSharedEncoder),
    });
    return { all, app };
  };
  /** The encoder is asked for with this fault. */
  const ofEncoder = (answer: () => Promise<Response>): FaultyHost["fault"] => {
    return (request, behind) => (request.url.endsWith("/v1/part/encoder") ? answer() : behind.fetch(request));
  };

  test("are asked once for the items of all sequences, and once for the answer", async () => {
    const { all, app } = hosts();
    await ask(app, "/v1/encode", { sequence: SEQUENCE });
    for (const host of all) host.requests = 0;
    const sequences = [SEQUENCE, ["item-7", "item-20"], ["item-1"], ["item-2", "item-25"]];
    expect((await ask(app, "/v1/predict", { sequences, k: 2, seed: 1 })).status).toBe(200);
    expect(all.map(({ requests }) => requests)).toEqual([2, 2, 2]);
  });

  test("that have no class of a sequence of ids are not asked for them, and may be missing", async () => {
    const { all, app } = hosts();
    await ask(app, "/v1/encode", { sequence: SEQUENCE });
    (all[2] as FaultyHost).fault = killed;
    const { status, answer } = await ask(app, "/v1/predict", { sequence: [1, 3], k: 2, seed: 1, partial: "allow" });
    expect(status, JSON.stringify(answer)).toBe(200);
    expect(answer.coverage).toMatchObject({ parts: 2, of: 3 });
  });

  test("are asked once for items by id and by label together", async () => {
    const { all, app } = hosts();
    await ask(app, "/v1/encode", { sequence: SEQUENCE });
    for (const host of all) host.requests = 0;
    const mixed = [3, "item-28", 3, "item-14", 29];
    const { answer } = await ask(app, "/v1/encode", { sequence: mixed });
    expect(Float32Array.from(answer.vector)).toEqual(gru.index.encode(SEQUENCE));
    expect(all.map(({ requests }) => requests)).toEqual([1, 1, 1]);
    expect((await ask(app, "/v1/encode", { sequence: [3, "item-99"] })).answer.detail).toContain(
      '"sequence[1]" expected',
    );
  });

  test("that have no class of a sequence of labels may be missing, if the others have all of them", async () => {
    const { all, app } = hosts();
    await ask(app, "/v1/encode", { sequence: SEQUENCE });
    (all[2] as FaultyHost).fault = killed;
    const there = ["item-1", 5, "item-12"];
    const { status, answer } = await ask(app, "/v1/encode", { sequence: there });
    expect([status, Float32Array.from(answer.vector)]).toEqual([200, gru.index.encode(there)]);
    const body = { k: 2, seed: 1, partial: "allow", unknownItems: "skip" };
    const some = await ask(app, "/v1/predict", { ...body, sequence: there });
    expect([some.status, some.answer.coverage]).toMatchObject([200, { parts: 2, of: 3 }]);
    // Whether the missing part has the others, nobody can tell.
    for (const item of ["item-29", "nobody"]) {
      const { answer: refused } = await ask(app, "/v1/predict", { ...body, sequence: [...there, item] });
      expect([refused.status, refused.code]).toEqual([503, "part_missing"]);
    }
  });

  test("of an earlier version have no encoder, and answer vectors", async () => {
    const { all, app } = hosts();
    for (const host of all) host.fault = ofEncoder(async () => new Response("not found", { status: 404 }));
    expect((await ask(app, "/v1/predict", { vector: Array(8).fill(0.5), k: 2, seed: 1 })).status).toBe(200);
    const { answer } = await ask(app, "/v1/predict", { sequence: SEQUENCE, k: 2 });
    expect(answer.detail).toContain("the index has no encoder");
  });

  test("that fail to send the encoder are named by the version, until one sends it", async () => {
    const { all, app } = hosts();
    for (const host of all) host.fault = ofEncoder(async () => new Response("busy", { status: 500 }));
    const { status, answer } = await ask(app, "/v1/predict", { sequence: SEQUENCE, k: 2 });
    expect({ status, code: answer.code }).toEqual({ status: 503, code: "part_missing" });
    expect(answer.detail).toMatch(/^the encoder of version \S+: it answered 500/);
  });
});

test("a router above a router has the encoder of the parts", async () => {
  const publisher = manifestFile(gru.manifest);
  const below = hostOf(gru.apps["a router of hosts"] as App);
  const { app } = router(publisher, () => [below], { groups: [3], sequences: sequencesBy(openSharedEncoder) });
  const { answer } = await ask(app, "/v1/encode", { sequence: SEQUENCE });
  expect(Float32Array.from(answer.vector)).toEqual(gru.index.encode(SEQUENCE));
});

test("a router below a router asks another part for the encoder if one does not send it", async () => {
  const publisher = manifestFile(gru.manifest);
  const parts = Array.from({ length: PART_COUNT }, (_, number) => new FaultyHost(hostOf(partHost(publisher, number))));
  const { app: lower } = router(publisher, ({ place }) => [parts[place] as FaultyHost]);
  const { app } = router(publisher, () => [hostOf(lower)], { groups: [3], sequences: sequencesBy(openSharedEncoder) });
  (parts[0] as FaultyHost).fault = (request, behind) =>
    request.url.endsWith("/v1/part/encoder") ? killed() : behind.fetch(request);
  const { answer } = await ask(app, "/v1/encode", { sequence: SEQUENCE });
  expect(Float32Array.from(answer.vector)).toEqual(gru.index.encode(SEQUENCE));
});

test("a router that opens no encoder takes no sequences", async () => {
  const publisher = manifestFile(gru.manifest);
  const hosts = Array.from({ length: PART_COUNT }, (_, number) => hostOf(partHost(publisher, number)));
  const { app } = router(publisher, ({ place }) => [hosts[place] as (typeof hosts)[number]]);
  const { status, answer } = await ask(app, "/v1/predict", { sequence: SEQUENCE, k: 1 });
  expect({ status, code: answer.code }).toEqual({ status: 400, code: "invalid_field" });
});

describe("bad input", () => {
  test("a router refuses sequences that are not made by sequencesBy", () => {
    const sequences = { openEncoder: openSharedEncoder };
    expect(() => createRouter(() => manifestFile(gru.manifest), { hosts: () => [], sequences })).toThrow(
      '"sequences" expected sequencesBy(openSharedEncoder), got an object',
    );
  });

  test("an encoder that a part has not sent is refused", async () => {
    const message = encoderMessage(gru.index) as Uint8Array<ArrayBuffer>;
    const line = message.indexOf(10) + 1;
    const text = new TextDecoder().decode(message.subarray(0, line));
    const stated = (from: string, to: string) => {
      expect(text).toContain(from);
      return new Uint8Array([...new TextEncoder().encode(text.replace(from, to)), ...message.subarray(line)]);
    };
    const nan = message.slice();
    nan.set([0, 0, 192, 127], line);
    for (const [bad, expected] of [
      [new Uint8Array(), "expected the encoder that a part sends"],
      [message.subarray(0, -1), "expected the encoder that a part sends"],
      [message.subarray(0, -4), "expected 896 weights, got 895"],
      [stated('"encoder.units":"12"', '"encoder.units":"16"'), "expected the encoder that a part sends"],
      [stated('"dim":8', '"dim":12'), "expected the encoder that a part sends"],
      [stated('"gru"', '"lstm"'), "expected the encoder that a part sends"],
      [stated('"rows"', '"own"'), "expected the encoder that a part sends"],
      [nan, "expected finite weights"],
    ] as const) {
      await expect(openSharedEncoder(bad)).rejects.toThrow(expected);
    }
  });

  test.each([
    [["--row-type", "i8"], "'--encoder' beside '--parts' expected '--row-type f32' and '--metric dot', got i8 and dot"],
    [["--row-type", "f32", "--encoder-names", NAMES], "'--encoder-names' has no meaning beside a model of midx train"],
  ])("a build in parts with %j is refused", async (options, message) => {
    const folder = makeFolder();
    const model = join(folder, "model.safetensors");
    const onEpoch = (_: unknown, checkpoint: () => Uint8Array) => writeFileSync(model, checkpoint());
    const sequences = { offsets: Uint32Array.of(0, 3), ids: Int32Array.of(0, 1, 2), itemCount: 6 };
    await trainSequences(sequences, { dim: 8, epochs: 1, onEpoch });
    const argv = ["build", model, "--tensor", "classes", "--encoder", model, "--parts", "2"];
    argv.push(...options.map((option) => (option === NAMES ? writeInput("names.json", "{}") : option)));
    const { code, stderr } = await midx([...argv, "-o", join(folder, "parts")]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });

  test("an encoder that a router could not read is refused before anything is built", async () => {
    const sequences = { offsets: Uint32Array.of(0, 3), ids: Int32Array.of(0, 1, 2), itemCount: 6 };
    const folder = makeFolder();
    const modelOf = async (units: number): Promise<string> => {
      const path = join(folder, `${units}.safetensors`);
      const onEpoch = (_: unknown, checkpoint: () => Uint8Array) => writeFileSync(path, checkpoint());
      await trainSequences(sequences, { dim: 4, units, epochs: 1, optimizer: "sgd", onEpoch });
      return path;
    };
    const [small, large] = [await modelOf(1176), await modelOf(1180)];
    const options = { rowType: "f32" as const, itemCount: 6, dim: 4 };
    expect((await readPartsEncoder({ ...options, encoder: small }, options))?.shape).toMatchObject({ units: 1176 });
    const argv = ["build", large, "--tensor", "classes", "--encoder", large, "--row-type", "f32", "--parts", "2"];
    const { code, stderr } = await midx([...argv, "-o", join(folder, "parts")]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(
        /'--encoder' beside '--parts' expected at most 16773120 bytes of weights, .*, got 16812656: /,
      ),
    ]);
    expect(existsSync(join(folder, "parts", "manifest.json"))).toBe(false);
    const facts = { kind: "attention", blocks: 16, heads: 1024, length: 4096, items: "rows" } as const;
    const section = encoderSection(
      facts,
      { itemCount: 2 ** 31, dim: 4096 } as Parameters<typeof encoderSection>[1],
      99,
    );
    expect(JSON.stringify({ dim: 4096, itemCount: 2 ** 31, ignored: [section] }).length).toBeLessThan(MOST_LINE_BYTES);
  });
});
