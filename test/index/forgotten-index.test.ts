import { expect, test } from "vitest";
import { applyChanges, checkChanges, encodeChanges, savedChanges } from "../../src/changes/index.ts";
import { hasEncoder, openEncoder } from "../../src/encoder/index.ts";
import { partOf } from "../../src/parts/index.ts";
import { compact } from "../../src/train/compaction/index.ts";

// `load` returns a promise. Who forgets to wait for it, or passes the file, reads so.

const CALLS = {
  applyChanges: (index: never) => applyChanges(index, { removals: ["a"] }),
  checkChanges: (index: never) => checkChanges(index, { removals: ["a"] }),
  encodeChanges: (index: never) => encodeChanges(index, { removals: ["a"] }),
  savedChanges: (index: never) => savedChanges(index),
  hasEncoder: (index: never) => hasEncoder(index),
  openEncoder: (index: never) => openEncoder(index),
  partOf: (index: never) => partOf(index),
};

test.each(Object.entries(CALLS))("%s of what is no index says what it got", async (_, call) => {
  for (const [given, got] of [
    [Promise.resolve(), "a Promise: await it first"],
    [null, "null"],
    [undefined, "undefined"],
    [new Uint8Array(9), "a Uint8Array"],
  ] as const) {
    const asked = async (): Promise<unknown> => call(given as never);
    await expect(asked).rejects.toThrow(new TypeError(`"index" expected a loaded index, got ${got}`));
  }
});

test("compact of what is no file says what it got", async () => {
  for (const [given, got] of [
    [Promise.resolve(), "a Promise: await it first"],
    [{}, "an object"],
    [undefined, "undefined"],
  ]) {
    await expect(compact(given as never, {})).rejects.toThrow(
      new TypeError(`"file" expected the bytes of an index file, a Uint8Array, got ${got}`),
    );
  }
});
