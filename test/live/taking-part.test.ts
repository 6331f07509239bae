import { beforeEach, describe, expect, test } from "vitest";
import { encodeLoggedSet } from "../../src/changes/index.ts";
import { takeChanges } from "../../worker/live/parts/take-changes.ts";
import { createPart } from "../../worker/part.ts";
import { joinMessages } from "../../worker/parts/frames.ts";
import { CHANGES_HEADER } from "../../worker/parts/protocol.ts";
import type { PublishedManifest } from "../../worker/publication/manifest-at.ts";
import type { Publication } from "../../worker/publication/publication.ts";
import { changesBy, createRouter } from "../../worker/router.ts";
import { ManifestShelf, partedFiles } from "../router/parted-files.ts";
import { COUNT, labelOf, rowOf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";
import { publishedParts, shelfOfParts } from "./parted-shelf.ts";
import { type ChangingHost, hostsOf, RouterIsolate } from "./routed-parts.ts";

// A host of a part gets messages of a router, which may be anything.

const files = publishedParts(new Map(Array.from({ length: COUNT }, (_, i) => [labelOf(i), rowOf(i)])), [15], "one");
let hosts: readonly ChangingHost[];
beforeEach(async () => {
  hosts = hostsOf(shelfOfParts(await files));
});

describe("a host that takes changes", () => {
  const ask = async (path: string, type: string, body: Uint8Array<ArrayBuffer> | string) => {
    const { manifest } = await (await files).open();
    const headers = { "x-midx-generation": manifest.generation, "x-midx-parts": "0", "content-type": type };
    const [host] = hosts as [ChangingHost];
    const response = await host.fetch(new Request(`http://part${path}`, { method: "POST", headers, body }));
    return { status: response.status, state: response.headers.get(CHANGES_HEADER), body: await response.json() };
  };
  const set = encodeLoggedSet({ removals: [labelOf(1)] });
  const damaged = set.map((byte, i) => (i === 20 ? byte ^ 1 : byte));
  const [zero, one, three] = [0, 1, 3].map((sequence) => `${sequence}-${"0".repeat(32)}`) as [string, string, string];
  const message = (head: object, ...sets: Uint8Array[]) =>
    joinMessages([new TextEncoder().encode(JSON.stringify(head)), ...sets]);

  test.each<readonly [string, Uint8Array<ArrayBuffer>, number, string]>([
    ["no messages", new Uint8Array(3), 400, '"messages[0]" expected 4 bytes of length'],
    ["no head", message([], set), 400, '"changes" expected a head of JSON'],
    ["a state that is none", message({ from: "0", states: [] }), 400, '"from" of changes expected a number'],
    ["a set too many", message({ from: zero, states: [] }, set), 400, '"changes" expected 0 sets, got 1'],
    ["a gap", message({ from: zero, states: [three] }, set), 400, '"states[0]" of changes expected change 1, got 3'],
    ["another state", message({ from: one, states: [] }), 409, `changes expected to follow ${zero}`],
    ["a damaged set", message({ from: zero, states: [one] }, damaged), 503, "change 1 of the log is damaged"],
  ])("refuses %s, and stays as it is", async (_, body, status, detail) => {
    const answer = await ask("/v1/part/changes", "application/x-midx-messages", body);
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(detail)]);
    expect(
      (await ask("/v1/part/changes", "application/x-midx-messages", message({ from: zero, states: [] }))).state,
    ).toBe(zero);
  });

  test("finds labels in its file, whatever changes have removed", async () => {
    const { status, body } = await ask(
      "/v1/part/changes",
      "application/x-midx-messages",
      message({ from: zero, states: [one] }, set),
    );
    expect([status, body.changes]).toEqual([200, one]);
    const found = await ask("/v1/part/labels", "application/json", JSON.stringify({ labels: [labelOf(1), "nobody"] }));
    expect(found.body).toEqual({ ids: [1, null] });
  });

  test.each<readonly [string, string]>([
    ["null", "body expected a JSON object, got null"],
    ["{}", '"labels" is required'],
    ['{"labels":5}', '"labels" expected an array, got 5'],
    ['{"labels":["a",{}]}', '"labels[1]" expected a string, got object'],
    ['{"labels":["\\ud800"]}', '"labels[0]" expected Unicode text, got an unpaired surrogate'],
    ['{"labels":["a"],"x":1}', '"x" is not a field of this request: it takes labels'],
  ])("refuses labels in %s as other routes do", async (body, detail) => {
    expect(await ask("/v1/part/labels", "application/json", body)).toMatchObject({
      status: 400,
      body: { code: "invalid_field", detail },
    });
  });

  test("refuses labels as raw vectors", async () => {
    const { body } = await ask("/v1/part/labels", "application/x-midx-f32", new Uint8Array(4));
    expect(body.detail).toBe("body expected a JSON object, got raw vectors");
  });
});

test("a part that does not fit with the room for its changes says so by a code, and its router, too", async () => {
  const wide = new ManifestShelf();
  wide.publish(await partedFiles({ version: "wide", seed: 1, sizes: [20], hasLabels: true, dim: 512 }));
  const shelf = { current: (await wide.look()) as Publication<PublishedManifest> };
  const part = createPart(() => wide, { number: 0, changes: takeChanges({ maxDelta: 1_000_000 }) });
  const large = { fetch: (request: Request) => part.fetch(request, {}) };
  const { manifest } = await shelf.current.open();
  const headers = { "x-midx-generation": manifest.generation, "x-midx-parts": "0" };
  const response = await large.fetch(new Request("http://part/v1/part", { headers }));
  expect([response.status, await response.json()]).toEqual([
    503,
    expect.objectContaining({ code: "index_too_large", detail: expect.stringMatching(/^index needs .* limit is/) }),
  ]);
  const { status, body } = await new RouterIsolate(shelf, [large], new MemoryLog()).send("/readyz");
  expect([status, body.code]).toEqual([503, "part_missing"]);
  expect(body.detail).toMatch(/^part 0 of version wide: it answered 503 index_too_large: index needs .* limit is/);
});

test("options that are none are named", () => {
  expect(() => takeChanges({ maxDelta: 0 })).toThrow(new RangeError('"maxDelta" expected 1 to 1000000, got 0'));
  expect(() => takeChanges({ maxdelta: 5 } as object)).toThrow(/"maxdelta" is not an option of takeChanges/);
  expect(() => changesBy({ log: undefined } as never)).toThrow(/"log" expected a function/);
  expect(() => changesBy({ log: () => new MemoryLog(), deltaSeconds: 0 })).toThrow(/"deltaSeconds" expected/);
  const [manifestOf, hostsOfParts] = [() => ({ look: async () => files }), () => []];
  expect(() => createRouter(manifestOf, { hosts: hostsOfParts, changes: { log: () => new MemoryLog() } })).toThrow(
    /"changes" expected changesBy/,
  );
  expect(() => createPart(manifestOf, { number: 0, changes: {} })).toThrow(/"changes" expected takeChanges/);
});
