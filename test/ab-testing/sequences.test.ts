import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { queryOf } from "../../src/cli/policy/item-sequence.ts";
import type { Compared } from "../../src/cli/reporting/compared.ts";
import { openEncoder } from "../../src/encoder/index.ts";
import { load } from "../../src/index.ts";
import { noise } from "../cli/noise.ts";
import { jsonLines, midx } from "../cli/run.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { partedItems } from "../sequences/parted-items.ts";

const SESSIONS = [["item-3", "item-17", "item-5"], ["item-0"], ["item-9", "item-9"], ["item-29", "item-4"]];

const folder = mkdtempSync(join(tmpdir(), "midx-sequences-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const write = (name: string, lines: readonly object[]): string => {
  writeFileSync(at(name), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return at(name);
};

let first: string;
let manifest: string;
/** The same items by another training. */
let second: string;
/** The requests of sessions to `first`, two draws each. */
const requests: { requestId: string; sequence: string[]; ids: number[] }[] = [];
const vectorsOf = async (path: string) => {
  const encoder = await openEncoder(await load(readFileSync(path)));
  return SESSIONS.map((sequence, i) => ({ requestId: `r${i}`, vector: [...encoder.encode(sequence)] }));
};
beforeAll(async () => {
  ({ one: first, manifest } = await partedItems(mkdtempSync(join(folder, "a-")), { units: 12 }));
  ({ one: second } = await partedItems(mkdtempSync(join(folder, "b-")), { units: 12, seed: 2 }));
  const index = await load(readFileSync(first));
  const vectors = write("vectors-a.jsonl", await vectorsOf(first));
  write("vectors-b.jsonl", await vectorsOf(second));
  const drawn = jsonLines(readFileSync(vectors, "utf8")) as { requestId: string; vector: number[] }[];
  const logs = drawn.map(({ requestId, vector }, i) => {
    const { ids, logQ } = index.sample(Float32Array.from(vector), 2, { temperature: 2, seed: i });
    requests.push({ requestId, sequence: SESSIONS[i] as string[], ids: [...ids] });
    return { event: "draws", requestId, version: "a", ids: [...ids], labels: index.labels(ids), logQ: [...logQ] };
  });
  write("logs.jsonl", logs);
  write(
    "rewards.jsonl",
    requests.map(({ requestId, ids }, i) => ({ requestId, id: ids[0], reward: i + 1 })),
  );
  write(
    "sequences.jsonl",
    requests.map(({ requestId, sequence }) => ({ requestId, sequence })),
  );
});

const earned = (queries: string, index: string, ...options: string[]) =>
  midx([
    ...["policy-value", at("logs.jsonl"), "--rewards", at("rewards.jsonl"), "--queries", at(queries)],
    ...["--index", index, "--json", ...options],
  ]);

describe("midx policy-value with sequences", () => {
  test("has the value of the vectors that the encoder of the candidate makes of them", async () => {
    for (const [index, vectors] of [
      [first, "vectors-a.jsonl"],
      [second, "vectors-b.jsonl"],
      [manifest, "vectors-a.jsonl"],
    ] as const) {
      for (const policy of ["softmax", "sample"]) {
        const ofVectors = await earned(vectors, index, "--policy", policy);
        expect(jsonLines(ofVectors.stdout)[0]).toMatchObject({ requests: SESSIONS.length, draws: 8 });
        const ofSequences = await earned("sequences.jsonl", index, "--policy", policy);
        expect(ofSequences.stdout).toBe(ofVectors.stdout);
      }
    }
    expect((await earned("vectors-a.jsonl", second)).stdout).not.toBe((await earned("vectors-b.jsonl", second)).stdout);
  });

  test("takes ids, and leaves out items that the candidate lacks where the request did", async () => {
    const { stdout } = await earned("sequences.jsonl", first);
    const idsOf = (sequence: readonly string[]) => sequence.map((label) => Number(label.slice("item-".length)));
    write(
      "ids.jsonl",
      requests.map(({ requestId, sequence }) => ({ requestId, sequence: idsOf(sequence) })),
    );
    expect((await earned("ids.jsonl", first)).stdout).toBe(stdout);
    const more = requests.map(({ requestId, sequence }) => ({ requestId, sequence: ["new", ...sequence, 99] }));
    write(
      "skipped.jsonl",
      more.map((line) => ({ ...line, unknownItems: "skip" })),
    );
    expect((await earned("skipped.jsonl", first)).stdout).toBe(stdout);
    write("refused.jsonl", more);
    expect(await earned("refused.jsonl", first)).toMatchObject({
      code: 3,
      stderr: `error: ${at("refused.jsonl")}:1: "sequence"[0] expected an item of the candidate, got "new": "unknownItems": "skip" beside it leaves such items out\n`,
    });
  });

  test.each<[wrong: object, message: string]>([
    [{ sequence: ["item-1"], vector: [1] }, '"vector" expected nothing beside "sequence", got "both"'],
    [{ sequence: "item-1" }, '"sequence" expected an array of an id or a label, got "item-1"'],
    [{ sequence: ["item-1", 1.5] }, '"sequence[1]" expected an id or a label, got 1.5'],
    [{ sequence: [] }, '"sequence" expected at least one item of the candidate, got none'],
    [{ sequence: ["item-1"], unknownItems: "drop" }, '"unknownItems" expected "refuse" or "skip", got "drop"'],
    [{}, '"vector" expected an array of numbers, or a "sequence" instead, got nothing'],
  ])("refuses %j", async (wrong, message) => {
    write("wrong.jsonl", [{ requestId: "r0", ...wrong }]);
    const refused = await earned("wrong.jsonl", first);
    expect(refused).toMatchObject({ code: 3, stdout: "", stderr: `error: ${at("wrong.jsonl")}:1: ${message}\n` });
  });

  test("refuses a candidate without an encoder", async () => {
    writeFileSync(at("plain.midx"), await buildIndex({ data: noise(30 * 8, 1), shape: [30, 8] }, { bits: 2 }));
    expect(await earned("sequences.jsonl", at("plain.midx"))).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(
        '"sequence" expected a candidate with an encoder, got one without: build it with midx build --encoder, or give "vector"',
      ),
    });
  });
});

test("ids of another index are those of the same items, and an item of that one alone is unknown", () => {
  const encode = (items: readonly (number | string)[]): Float32Array => Float32Array.from(items.map(Number));
  const idOf = (id: number): number | undefined => (id < 3 ? 10 + id : undefined);
  const query = queryOf({ encode }, { items: [2, "7", 0, 3], unknown: "skip" }, idOf);
  expect([...query]).toEqual([12, 7, 10, 2 ** 53]);
});

describe("midx report with sequences", () => {
  const encoded = async (index: string, name: string): Promise<string> => {
    const lines = write(
      "sessions.jsonl",
      SESSIONS.map((items) => ({ items })),
    );
    expect(await midx(["encode", index, lines, "-o", at(name)])).toMatchObject({ code: 0 });
    return at(name);
  };

  test("asks each of two trainings with the queries of its own model", async () => {
    const [a, b] = [await encoded(first, "a.safetensors"), await encoded(second, "b.safetensors")];
    const log = ["--log", at("logs.jsonl"), "--rewards", at("rewards.jsonl"), "--log-queries", at("sequences.jsonl")];
    const argv = ["report", first, second, "--queries", a, "--queries-b", b, "-o", at("page.html"), "--json", ...log];
    const outcome = await midx(argv);
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    const [compared] = jsonLines(outcome.stdout) as unknown as [Compared];
    const ownValue = async (index: string) => jsonLines((await earned("sequences.jsonl", index)).stdout)[0];
    expect(compared.sides.map(({ value }) => value)).toEqual([await ownValue(first), await ownValue(second)]);
    const both = await midx(["report", second, second, "--queries", b, "-o", at("both.html"), "--json"]);
    const [alone] = jsonLines(both.stdout) as unknown as [Compared];
    expect(compared.sides[1].evaluation).toEqual(alone.sides[1].evaluation);
    expect(readFileSync(at("page.html"), "utf8")).toContain(`4 of ${a}, and of ${b} for B`);
  });

  test("refuses vectors of requests for two models, which would be those of one", async () => {
    const [a, b] = [await encoded(first, "a.safetensors"), await encoded(second, "b.safetensors")];
    const files = ["--log", at("logs.jsonl"), "--rewards", at("rewards.jsonl"), "--log-queries", at("vectors-a.jsonl")];
    const argv = ["report", first, second, "--queries", a, "--queries-b", b, "-o", at("page.html"), ...files];
    expect(await midx(argv)).toMatchObject({
      code: 3,
      stderr: `error: ${at("vectors-a.jsonl")}:1: "vector" expected a "sequence", of which each model makes its own query: '--queries-b' gives the second index another model\n`,
    });
  });

  test("refuses other numbers of queries", async () => {
    const a = await encoded(first, "a.safetensors");
    write("one.jsonl", [{ items: ["item-1"] }]);
    await midx(["encode", second, at("one.jsonl"), "-o", at("one.safetensors")]);
    const argv = ["report", first, second, "--queries", a, "--queries-b", at("one.safetensors"), "-o", at("page.html")];
    expect(await midx(argv)).toMatchObject({
      code: 2,
      stderr: `error: '--queries-b' expected the 4 queries of ${a} in the same order, as another model makes them, got 1\n`,
    });
  });
});
