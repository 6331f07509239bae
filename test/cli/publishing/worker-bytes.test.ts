import { beforeAll, describe, expect, test } from "vitest";
import { xxh64 } from "../../../src/arithmetic/xxh64.ts";
import { loadAsWorker } from "../../../src/cli/publishing/load-as-worker.ts";
import { headerLength, type IndexHeader, parse, placeTensors } from "../../../src/format/header.ts";
import { HEAP_BASE } from "../../../src/memory/isolate-bytes.ts";
import { DEFAULT_LIMITS, ISOLATE_BYTES } from "../../../src/memory/load-options.ts";
import { planMemory } from "../../../src/memory/plan.ts";
import { checkMemory, type Readers, SWAP_BYTES } from "../../../src/publication/publishing/successor.ts";
import { load as loadInWorker } from "../../../src/workerd.ts";
import { infoOf } from "../../../worker/compactor/info-of.ts";
import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import { leastWorkerBytes, workerBytes } from "../../../worker/host/worker-bytes.ts";
import { buildIndex } from "../../fixtures/build-index.ts";
import { noise } from "../noise.ts";

const PAGE_BYTES = 65536;

const indexBytes = () => buildIndex({ data: noise(100 * 64, 1), shape: [100, 64] }, { bits: 2 });
const headerOf = (bytes: Uint8Array): IndexHeader =>
  parse(bytes.subarray(0, headerLength(bytes.subarray(0, 8), bytes.byteLength)), bytes.byteLength, xxh64);

const FACTS = { itemCount: 100, dim: 64, metric: "dot", hasLabels: false, memoryBytes: 0 } as const;
const REMEDIES = { breaksClients: "", tooLarge: "", tooLargeBesideCurrent: "" };

let header: IndexHeader;
beforeAll(async () => {
  header = headerOf(await indexBytes());
});

/** The header of an index like the small one, with biases and so many classes. */
function withClasses(itemCount: number): Pick<IndexHeader, "facts" | "fileBytes"> {
  const facts = { ...header.facts, itemCount, hasBias: true, bits: 6, bucketCount: 4096, largestBucket: 4096 };
  return { facts, fileBytes: placeTensors(facts).fileBytes };
}

const bytesWithin = (classes: number, maxBytes: number): number =>
  planMemory(withClasses(classes), { ...DEFAULT_LIMITS, ...INDEX_LIMITS, maxBytes }, HEAP_BASE).totalBytes;

describe("the memory that publish counts for a Worker", () => {
  test.each([1_000_000, 1_200_000, 1_350_000])(
    "is that of a Worker for %d classes, which keeps fewer tables near its limit",
    (classes) => {
      const counted = workerBytes(withClasses(classes));
      expect(counted - bytesWithin(classes, ISOLATE_BYTES)).toBeGreaterThanOrEqual(0);
      expect(counted - bytesWithin(classes, ISOLATE_BYTES)).toBeLessThan(PAGE_BYTES);
      expect(counted).toBeLessThanOrEqual(ISOLATE_BYTES);
    },
  );

  test.each([400_000, 440_000])("beside another version of %d classes is that of the fewest tables", (classes) => {
    const header = withClasses(classes);
    const [alone, least] = [workerBytes(header), leastWorkerBytes(header)];
    expect(alone).toBeGreaterThan(1.3 * least);
    // A Worker opens it within that much, and not within a page less.
    expect(bytesWithin(classes, least)).toBeLessThanOrEqual(least);
    expect(() => bytesWithin(classes, least - PAGE_BYTES)).toThrow("(maxBytes)");
    const named = (version: string) => ({ version, facts: { ...FACTS, memoryBytes: alone } });
    const check = (left: number, readers: Readers) =>
      checkMemory(
        { ...named("one"), facts: { ...FACTS, memoryBytes: SWAP_BYTES - left } },
        named("two"),
        {},
        readers,
        REMEDIES,
      );
    expect(() => check(least, { leastBytes: least })).not.toThrow();
    expect(() => check(least - 1, { leastBytes: least })).toThrow(
      `version two needs ${least} bytes of memory beside the`,
    );
    expect(() => check(least, {})).toThrow(`version two needs ${alone} bytes of memory beside the`);
  });

  test("is that of a process where no Worker can open the index", () => {
    expect(() => bytesWithin(1_400_000, ISOLATE_BYTES)).toThrow("limit is 120.0 MiB");
    expect(workerBytes(withClasses(1_400_000))).toBeGreaterThan(ISOLATE_BYTES);
  });

  test("is in the facts of a checked file", async () => {
    const bytes = await indexBytes();
    const { memoryBytes } = await loadAsWorker(bytes);
    expect(memoryBytes).toBe(workerBytes(headerOf(bytes)));
    expect(memoryBytes).toBe((await loadInWorker(bytes, INDEX_LIMITS)).info.memoryBytes);
  });

  test("is what a compactor counts, where the constants of the kernels in use end in another page", async () => {
    for (let count = 260; ; count++) {
      const bytes = await buildIndex({ data: noise(count * 64, 1), shape: [count, 64] }, { bits: 2, calibrate: "off" });
      const { memoryBytes } = await loadAsWorker(bytes);
      if ((await loadInWorker(bytes, INDEX_LIMITS)).info.memoryBytes === memoryBytes) continue;
      expect((await infoOf(bytes)).memoryBytes).toBe(memoryBytes);
      return;
    }
  });
});
