import type { Hono } from "hono";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeQuestion, type Question } from "../../src/parts/index.ts";
import { joinMessages, splitMessages } from "../../worker/parts/frames.ts";
import { routerSettingsOf } from "../../worker/router/router-settings.ts";
import { hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, type PartedFiles, partedFiles, queryOf } from "./parted-files.ts";

const SIZES = [20, 30];
const shelf = new ManifestShelf();
let files: PartedFiles;
let part: Hono;

beforeAll(async () => {
  files = await partedFiles({ version: "a", seed: 3, sizes: SIZES });
  shelf.publish(files);
  part = partHost(shelf, 1);
});

const question = (fields: Partial<Question> = {}): Question => ({
  ...{ call: "topK", query: queryOf(1), size: 3, ids: new Int32Array(0), options: { exact: true } },
  ...fields,
});

/** Asks the part, with some headers or the body replaced. */
function partial(
  headers: Record<string, string>,
  body: Uint8Array<ArrayBuffer> = joinMessages([encodeQuestion(question())]),
) {
  const right = {
    "x-midx-generation": files.manifest.generation,
    "x-midx-parts": "1",
    "x-midx-deadline-ms": "60000",
    "content-type": "application/x-midx-messages",
  };
  const given = Object.entries({ ...right, ...headers }).filter(([, value]) => value !== "");
  return part.request("/v1/partial", { method: "POST", headers: Object.fromEntries(given), body });
}

describe("a host of a part", () => {
  test("answers what a router sends, and says how long the answer is, so that it can be read at once", async () => {
    const response = await partial({});
    const { byteLength } = await response.arrayBuffer();
    expect([response.status, response.headers.get("content-length")]).toEqual([200, String(byteLength)]);
  });

  test.each([
    [{ "x-midx-generation": "" }, 400, '"x-midx-generation" expected 64 hex digits, those of a manifest, got none'],
    [{ "x-midx-generation": "../../etc" }, 400, 'those of a manifest, got "../../etc"'],
    [{ "x-midx-generation": "0".repeat(64) }, 409, "is not served here"],
    [{ "x-midx-parts": "" }, 400, '"x-midx-parts" expected'],
    [{ "x-midx-parts": "1,0" }, 400, '"x-midx-parts" expected the numbers of parts, ascending, got "1,0"'],
    [{ "x-midx-parts": "0" }, 400, "1, which this host serves, got 0"],
    [{ "x-midx-parts": "0,1" }, 400, "1, which this host serves, got 0,1"],
    [{ "x-midx-parts": "99999999" }, 400, '"x-midx-parts" expected'],
    [{ "x-midx-deadline-ms": "0" }, 400, '"x-midx-deadline-ms" expected an integer from 1 to 60000'],
    [{ "x-midx-deadline-ms": "soon" }, 400, 'expected an integer from 1 to 60000, got "soon"'],
    [{ "x-midx-partial": "yes" }, 400, '"x-midx-partial" expected "allow" or none, got "yes"'],
    [{ "content-type": "application/json" }, 415, "content-type expected application/x-midx-messages"],
    [{ "content-length": "99999999" }, 413, "at most 16777216 bytes"],
  ] as const)("refuses the headers %j with %i", async (headers, status, message) => {
    const response = await partial(headers);
    const { detail } = await response.json();
    expect(response.status).toBe(status);
    expect(detail).toContain(message);
  });

  const whole = joinMessages([encodeQuestion(question())]);
  test.each([
    ["nothing", new Uint8Array(), '"messages" expected at least one'],
    ["a length that is cut short", whole.slice(0, 3), '"messages[0]" expected 4 bytes of length'],
    ["a message that is cut short", whole.slice(0, -1), '"messages[0]" expected'],
    ["a length that lies", new Uint8Array([255, 255, 255, 255, 1]), '"messages[0]" expected 4294967295 bytes, got 1'],
    ["more messages than a batch", joinMessages(Array(101).fill(new Uint8Array())), '"messages" expected at most 100'],
    ["other bytes", joinMessages([new Uint8Array(20)]), '"message" of the message expected'],
    [
      "a query of another width",
      joinMessages([encodeQuestion(question({ query: new Float32Array(3) }))]),
      '"query" expected 8 values, got 3',
    ],
    [
      "an id of another part",
      joinMessages([encodeQuestion(question({ call: "score", ids: Int32Array.of(30), options: {} }))]),
      '"ids" expected ids below 30, got 30',
    ],
    [
      "more draws than the limit",
      joinMessages([encodeQuestion(question({ call: "sample", size: 5000, options: { seed: 1n } }))]),
      '"draws" expected',
    ],
    [
      "a class that it lacks among those left out",
      joinMessages([encodeQuestion(question({ options: { exact: true, exclude: [30] } }))]),
      '"exclude[0]"',
    ],
  ])("refuses %s as a 400", async (_, body, message) => {
    const response = await partial({}, body);
    const { detail } = await response.json();
    expect([response.status, detail]).toEqual([400, expect.stringContaining(message)]);
  });

  test("has no route of an index", async () => {
    for (const path of ["/v1/predict", "/v1/query", "/v1/sample"]) {
      expect((await part.request(path, { method: "POST" })).status).toBe(404);
    }
  });

  test("describes itself to routers, and is ready once it has loaded", async () => {
    const headers = { "x-midx-generation": files.manifest.generation, "x-midx-parts": "1" };
    const described = await (await part.request("/v1/part", { headers })).json();
    expect(described).toMatchObject({ numbers: [1], info: { itemCount: 30, dim: 8 } });
    expect(await (await part.request("/readyz")).json()).toMatchObject({ status: "ready", version: "a" });
  });
});

describe("a router above a router", () => {
  test("cannot ask for parts that are not asked together", async () => {
    const hosts = SIZES.map((_, number) => hostOf(partHost(shelf, number)));
    const { app } = router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as (typeof hosts)[number]]);
    const ask = (parts: string, generation = files.manifest.generation) =>
      app.request("/v1/part", { headers: { "x-midx-generation": generation, "x-midx-parts": parts } });
    expect((await ask("0,1")).status).toBe(200);
    expect((await ask("1")).status).toBe(200);
    expect((await ask("0,2")).status).toBe(400);
    expect((await ask("0,1", "f".repeat(64))).status).toBe(409);
  });
});

describe("options of a router", () => {
  test.each([
    [{ fanOut: 0 }, '"fanOut" expected'],
    [{ fanOut: 1.5 }, '"fanOut" expected an integer, got 1.5'],
    [{ deadlineMs: 0 }, '"deadlineMs" expected'],
    [{ deadlineMs: 60_001 }, '"deadlineMs" expected'],
    [{ hedgeMs: Number.NaN }, '"hedgeMs" expected'],
    [{ prepareMs: -1 }, '"prepareMs" expected'],
    [{ groups: [] }, '"groups" expected a list'],
    [{ groups: [2, 0] }, '"groups[1]" expected'],
  ])("refuse %j", (options, message) => {
    expect(() => routerSettingsOf(options)).toThrow(message);
  });

  test("groups must add up to the parts of the manifest", async () => {
    const { app } = router(shelf, () => [], { groups: [3] });
    expect((await app.request("/readyz")).status).toBe(503);
  });
});

test("messages come back as they were joined", () => {
  const messages = [new Uint8Array([1, 2]), new Uint8Array(), new Uint8Array(300).fill(7)];
  expect(splitMessages(joinMessages(messages), 3)).toEqual(messages);
});
