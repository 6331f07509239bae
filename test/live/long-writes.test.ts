import { beforeAll, beforeEach, expect, test } from "vitest";
import { leastTime } from "../hostile/judge.ts";
import { catalogue, Isolate, published, rowOf } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";

// A write may have 16 MiB. One that is refused costs little more than reading it, and its error is short.

const PATH = "/client/v4/accounts/a/vectorize/v2/indexes/i/upsert";
const LINES = { "content-type": "application/x-ndjson" };
/** Reading a megabyte takes some hundredths of it; an error for each of its lines took several seconds. */
const MOST_MILLISECONDS = 700;
const MEGABYTE = 2 ** 20;

let file: Uint8Array<ArrayBuffer>;
let log: MemoryLog;
let isolate: Isolate;
beforeAll(async () => {
  file = await catalogue();
});
beforeEach(() => {
  log = new MemoryLog();
  isolate = new Isolate({ current: published(file, "first") }, log);
});

const line = (id: string): string => JSON.stringify({ id, values: rowOf(1) });

test.each([
  [
    "that are not valid JSON",
    `${PATH}?unparsable-behavior=discard`,
    "x\n",
    /^more than 1000 lines of the body are not/,
  ],
  ["without a vector", PATH, "{}\n", /^"vectors" expected 1 to 1000 of them, got more/],
  ["that are blank", PATH, "\n", /^"vectors" expected 1 to 1000 of them, got 0/],
])("a megabyte of lines %s is refused in a moment", async (_, path, text, message) => {
  const body = text.repeat(MEGABYTE / text.length);
  const { result, milliseconds } = await leastTime(MOST_MILLISECONDS, () => isolate.send(path, body, LINES), 3);
  expect([result.status, result.body.errors[0].message]).toEqual([400, expect.stringMatching(message)]);
  expect(milliseconds).toBeLessThan(MOST_MILLISECONDS);
  expect(log.head).toBe(0);
});

test("a thousand vectors are taken, with as many lines to skip, and no more", async () => {
  const vectors = Array.from({ length: 1000 }, (_, i) => line(`v${i}`));
  const skipped = Array<string>(1000).fill("{");
  const discarding = `${PATH}?unparsable-behavior=discard`;
  const taken = await isolate.send(discarding, [...skipped, ...vectors].join("\n"), LINES);
  expect([taken.status, log.head]).toEqual([200, 1]);
  const more = await isolate.send(PATH, [...vectors, line("more")].join("\r\n"), LINES);
  expect([more.status, more.body.errors[0].message]).toEqual([400, expect.stringContaining("got more")]);
});

test.each([
  ["that is reserved", `{"$${"n".repeat(MEGABYTE)}":1}`],
  ["of a number that no double holds", `{"${"n".repeat(MEGABYTE)}":1e999}`],
])("a name of a megabyte %s is not repeated", async (_, metadata) => {
  const body = `{"labels":["a"],"rows":[${JSON.stringify(rowOf(1))}],"metadata":[${metadata}]}`;
  const { status, body: answer } = await isolate.send("/v1/upsert", body);
  expect([status, answer.detail.length < 300]).toEqual([400, true]);
});
