import { describe, expect, test, vi } from "vitest";
import { loadWith } from "../../src/index/load.ts";
import type { LoadOptions } from "../../src/memory/load-options.ts";
import { BUILDS } from "../fixtures/modules.ts";
import { open } from "../fixtures/open.ts";
import { indexFile, tinyIndex } from "../fixtures/tiny-index.ts";
import { WHOLE } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { SMALL_FILES, SMALL_NAMES } from "./files.ts";
import { pagesGrown } from "./growth.ts";
import { interrogate } from "./interrogate.ts";

const PAGE_BYTES = 65536;

describe("memoryBytes", () => {
  const LIMITS: readonly LoadOptions[] = [
    {},
    { maxScan: 1, maxDraws: 1, maxK: 1, maxBatch: 1 },
    { maxScan: 300_000, maxDraws: 100_000, maxK: 50_000 },
  ];

  test("are the instance's memory to the byte, and the plan to the page, for every shape and cap", async () => {
    for (const itemCount of [0, 1, 31, 33, 1000]) {
      for (const dim of [1, 5, 64]) {
        for (const rows of ["f32", "f16", "i8"] as const) {
          for (const fineCodes of [false, true]) {
            const file = indexFile(tinyIndex({ itemCount, dim, bits: 2, rows, fineCodes }));
            for (const limits of WHOLE ? LIMITS : inTurn(LIMITS, 3, `${itemCount} ${dim} ${rows} ${fineCodes}`)) {
              const { index, opened } = await open(file, limits);
              const bytes = opened.kernels.memory.buffer.byteLength;
              expect(index.info.memoryBytes).toBe(bytes);
              expect(bytes).toBe(Math.ceil(opened.plan.totalBytes / PAGE_BYTES) * PAGE_BYTES);
            }
          }
        }
      }
    }
  });

  test("are kept under maxBytes to the page", async () => {
    const file = SMALL_FILES["RQ, i8 rows, bias, fine codes"];
    const { memoryBytes } = (await loadWith(BUILDS.release, file)).info;
    await expect(loadWith(BUILDS.release, file, { maxBytes: memoryBytes })).resolves.toBeDefined();
    await expect(loadWith(BUILDS.release, file, { maxBytes: memoryBytes - PAGE_BYTES })).rejects.toThrow("(maxBytes)");
  });
});

/** Each query of `interrogate` is 16 to 21 calls, which makes 2·10⁴ calls, or 10⁶, over the three files. */
const QUERIES = WHOLE ? 17_600 : 176;

test.each(SMALL_NAMES)("%s: no query grows the memory", async (name) => {
  const reach = { maxScan: 64, maxDraws: 32, maxK: 16 };
  const { index, opened } = await open(SMALL_FILES[name], reach);
  const { buffer } = opened.kernels.memory;
  const grown = pagesGrown();
  const first = 16; // the queries are drawn once and kept
  for (let done = 0; done < QUERIES; done += first) interrogate(index, reach, 0, first);
  expect(grown()).toBe(0);
  expect(opened.kernels.memory.buffer).toBe(buffer);
  expect(index.info.memoryBytes).toBe(buffer.byteLength);
});

describe("a runtime that refuses memory", () => {
  /** Allows k growths and then refuses. `asked` returns what it was asked for. */
  function refuseAfter(k: number): { readonly asked: () => number; readonly restore: () => void } {
    const grow = WebAssembly.Memory.prototype.grow;
    let asked = 0;
    const spy = vi.spyOn(WebAssembly.Memory.prototype, "grow").mockImplementation(function (
      this: WebAssembly.Memory,
      pages: number,
    ) {
      if (asked++ >= k) throw new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded");
      return grow.call(this, pages);
    });
    return { asked: () => asked, restore: () => spy.mockRestore() };
  }

  test("at any growth of a load is a RangeError that says how much; the source is let go of, and the next load works", async () => {
    for (const file of SMALL_NAMES.map((name) => SMALL_FILES[name])) {
      const counting = refuseAfter(Number.POSITIVE_INFINITY);
      await loadWith(BUILDS.release, file);
      counting.restore();
      expect(counting.asked()).toBeGreaterThan(0);
      for (let k = 0; k < counting.asked(); k++) {
        const cancel = vi.fn();
        const stream = new ReadableStream<Uint8Array>({ start: (to) => to.enqueue(file.slice()), cancel });
        const refusing = refuseAfter(k);
        const error: unknown = await loadWith(BUILDS.release, stream).catch((reason) => reason);
        refusing.restore();
        expect(error).toBeInstanceOf(RangeError);
        expect((error as Error).message).toMatch(
          /^index needs \d+ bytes of memory; the runtime refused to grow by \d+ pages$/,
        );
        expect(cancel).toHaveBeenCalledOnce();
        await expect(loadWith(BUILDS.release, file)).resolves.toBeDefined();
      }
    }
  });
});

describe("a disposed index", () => {
  test("throws a clear error from every method, whatever its arguments", async () => {
    const index = await loadWith(BUILDS.release, SMALL_FILES["RQ, i8 rows, bias, fine codes"]);
    const { info } = index;
    const query = new Float32Array(info.dim);
    index.dispose();
    const calls: Record<Exclude<keyof typeof index, "info" | "dispose">, () => unknown> = {
      topK: () => index.topK(query, 1, { exact: true }),
      predict: () => index.predict(query, 1, { scan: "auto" }),
      logPartition: () => index.logPartition(query, { exact: true }),
      logProbability: () => index.logProbability(query, [0]),
      sample: () => index.sample(query, 1, { exact: true }),
      sampleTopK: () => index.sampleTopK(query, 1),
      score: () => index.score(query, [0], { batch: 1 }),
      logQ: () => index.logQ(query, [0], { proposal: "codes", scan: 3 }),
      slateLogProbability: () => index.slateLogProbability(query, [0]),
      rows: () => index.rows([0]),
      encode: () => index.encode([0]),
      labels: () => index.labels([0]),
      metadata: () => index.metadata([0]),
      decode: () => index.decode(query, { topP: 0.9 }),
      idsOf: () => index.idsOf(["é0"]),
    };
    for (const [name, call] of Object.entries(calls)) expect(call, name).toThrow("the index has been disposed of");
    expect(() => index.dispose()).not.toThrow();
    expect(index.info).toEqual(info);
  });
});
