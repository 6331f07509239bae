import { describe, expect, test } from "vitest";
import { headerIn } from "../../src/format/header-in.ts";
import { load } from "../../src/index.ts";
import { DEFAULT_LIMITS } from "../../src/memory/load-options.ts";
import type { LoadOptions, MultiIndex } from "../../src/public.ts";
import { workerBytes } from "../../worker/host/worker-bytes.ts";
import { bytesWithChanges } from "../../worker/live/bytes-with-changes.ts";
import { roomFor } from "../../worker/live/changing.ts";
import { MOST_ROWS } from "../../worker/live/default-room.ts";
import { openIndex } from "../../worker/live/open-index.ts";
import { noise } from "../cli/noise.ts";
import { buildIndex } from "../fixtures/build-index.ts";

const file = await buildIndex({ data: noise(100 * 8, 1), shape: [100, 8] }, { bits: 2 });
const LARGE = 400_000;
const HEAP = 256 * (roomFor(LARGE) - roomFor(MOST_ROWS));

/** Opens the file with room for changes, and returns the options that it was loaded with. */
async function optionsFor(maxDelta: number, options: LoadOptions): Promise<LoadOptions> {
  let given: LoadOptions = {};
  const open = openIndex(async (source, own) => {
    given = own;
    return (await load(source, { ...own, maxDelta: 10, maxBytes: 2 ** 30 })) as MultiIndex;
  });
  const { index } = await open(file, options, undefined, maxDelta);
  index.dispose();
  return given;
}

describe("what added classes take beside WebAssembly's memory", () => {
  test("is left by the limits for as many as there are by default", async () => {
    expect(await optionsFor(MOST_ROWS, {})).toEqual({ maxDelta: roomFor(MOST_ROWS) });
    expect(await optionsFor(MOST_ROWS, { maxBytes: 1e8 })).toEqual({ maxDelta: roomFor(MOST_ROWS), maxBytes: 1e8 });
  });

  test("lowers the limit of an index with more, and twice beside another one", async () => {
    expect(await optionsFor(LARGE, {})).toEqual({ maxDelta: roomFor(LARGE), maxBytes: DEFAULT_LIMITS.maxBytes - HEAP });
    expect((await optionsFor(LARGE, { maxBytes: 3e8 })).maxBytes).toBe(3e8 - 2 * HEAP);
    expect((await optionsFor(LARGE, { maxBytes: 1e8 })).maxBytes).toBe(1);
  });

  test("is counted when a version is published", () => {
    const header = headerIn(file, file.length);
    const planned = workerBytes(header, roomFor(LARGE)) - workerBytes(header);
    expect(bytesWithChanges(file, file.length, { maxDelta: LARGE }).changesBytes).toBe(planned + HEAP);
  });
});
