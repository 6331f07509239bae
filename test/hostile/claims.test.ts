import { describe, expect, test } from "vitest";
import { FormatError } from "../../src/bytes/format-error.ts";
import type { IndexFacts } from "../../src/format/facts.ts";
import type { FeatureFacts } from "../../src/format/features.ts";
import { placeTensors, serialiseIndexHeader } from "../../src/format/header.ts";
import { MAX_ITEMS, MAX_LABEL_BYTES, MAX_POSITIONS } from "../../src/format/limits.ts";
import { tensorTable } from "../../src/format/tensors.ts";
import { loadWith } from "../../src/index/load.ts";
import { DEFAULT_LIMITS } from "../../src/memory/load-options.ts";
import { planMemory } from "../../src/memory/plan.ts";
import { xxh64 } from "../fixtures/index-file.ts";
import { BUILDS } from "../fixtures/modules.ts";
import { WHOLE } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { LARGER_FILE, SMALL_FILES, SMALL_NAMES } from "./files.ts";
import { pagesGrown } from "./growth.ts";
import { memoryBound } from "./judge.ts";

const MEBIBYTE = 2 ** 20;

const COMMON = { metric: "dot", seed: 0n, source: "0".repeat(16), builder: "liar" } as const;

const FEATURES: FeatureFacts = {
  ...{ featureCount: MAX_ITEMS, positionCount: MAX_POSITIONS, pooling: "sum" },
  ...{ hasFeatureLabels: true, featureLabelBytes: MAX_LABEL_BYTES },
};

const KINDS = (["pq", "rq"] as const).flatMap((quantizer) =>
  (["f32", "f16", "i8"] as const).flatMap((rows) =>
    [false, true].flatMap((hasBias) =>
      [false, true].map((hasFineCodes) => {
        // Labels with biases, with each of the others, and without them.
        const labels = { hasLabels: hasBias, labelBytes: hasBias ? MAX_LABEL_BYTES : 0 };
        return { quantizer, rows, hasBias, hasFineCodes, ...labels };
      }),
    ),
  ),
);

describe("a header that claims 2³¹ − 1 rows in front of a kibibyte", () => {
  const liars = KINDS.flatMap((kind) =>
    [1, 4096].map((dim) => {
      const shape = { itemCount: MAX_ITEMS, dim, bits: 10, bucketCount: 1024, largestBucket: MAX_ITEMS };
      const facts: IndexFacts = { ...COMMON, ...kind, ...shape, ...(dim > 1 && { features: FEATURES }) };
      const checksums = Object.fromEntries(tensorTable(facts).map(({ name }) => [name, 1n]));
      const header = serialiseIndexHeader(facts, checksums, xxh64);
      const file = new Uint8Array(header.length + 1024);
      file.set(header);
      return file;
    }),
  );

  test("is refused before memory is taken, where the length is known", async () => {
    for (const liar of liars) {
      for (const source of [liar, liar.buffer, new Blob([liar])]) {
        const grown = pagesGrown();
        await expect(loadWith(BUILDS.release, source)).rejects.toMatchObject({ code: "file-truncated" });
        expect(grown() * 65536).toBeLessThan(MEBIBYTE);
      }
    }
  });

  test("is refused by the cap, where the length is not known", async () => {
    for (const liar of liars) {
      const grown = pagesGrown();
      await expect(loadWith(BUILDS.release, new Response(liar))).rejects.toThrow(
        /^index needs .* \(maxBytes\): raise it/,
      );
      expect(grown() * 65536).toBeLessThan(MEBIBYTE);
    }
  });

  test("is refused for one row more, by its number", async () => {
    const facts = { ...COMMON, ...(KINDS[0] as (typeof KINDS)[0]), itemCount: 2 ** 31, dim: 1, bits: 0 };
    const header = serialiseIndexHeader({ ...facts, bucketCount: 1, largestBucket: 2 ** 31 }, {}, xxh64);
    const error: unknown = await loadWith(BUILDS.release, new Response(header)).catch((reason) => reason);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).message).toContain('"itemCount" expected 0..2147483647, got 2147483648');
  });
});

describe("memory", () => {
  /** The bytes of memory and of the file, which the header alone decides. */
  function needs(facts: IndexFacts): { readonly memory: number; readonly file: number } {
    const { fileBytes } = placeTensors(facts);
    const limits = { ...DEFAULT_LIMITS, maxBytes: Number.MAX_SAFE_INTEGER };
    return { memory: planMemory({ facts, fileBytes }, limits, 4096).totalBytes, file: fileBytes };
  }

  /** Every kind of index with these sizes, with one bucket up to the largest number of buckets, full or not. */
  function shapes(itemCounts: readonly number[], dims: readonly number[], bitses: readonly number[]): IndexFacts[] {
    return itemCounts.flatMap((itemCount) =>
      dims.flatMap((dim) =>
        (WHOLE ? KINDS : inTurn(KINDS, 6, `${itemCount} ${dim}`)).flatMap((kind) =>
          bitses.flatMap((bits) =>
            fillings(itemCount, bits).map((filling) => ({ ...COMMON, ...kind, itemCount, dim, bits, ...filling })),
          ),
        ),
      ),
    );
  }

  function fillings(itemCount: number, bits: number): Pick<IndexFacts, "bucketCount" | "largestBucket">[] {
    const bucketCounts = new Set([1, 2 ** bits, 4 ** bits].map((count) => Math.min(count, itemCount)));
    return [...bucketCounts].flatMap((bucketCount) => [
      { bucketCount, largestBucket: Math.ceil(itemCount / bucketCount) },
      { bucketCount, largestBucket: itemCount },
    ]);
  }

  /** The same with the sections of a build of today, without labels. */
  const asBuilt = (facts: IndexFacts): IndexFacts => ({
    ...facts,
    ...{ hasLabels: false, labelBytes: 0, dispersion: {}, outliers: { count: 1 } },
  });

  /**
   * A file of at least 64 bytes a class, or 88 with fine codes, where no bucket has more than a sixteenth of all
   * classes.
   */
  const isUsual = ({ itemCount, hasFineCodes, largestBucket }: IndexFacts, fileBytes: number): boolean =>
    fileBytes / itemCount >= (hasFineCodes ? 88 : 64) && largestBucket <= Math.max(1000, itemCount / 16);

  test("for usual rows and buckets and at most 8 bits is at most 1.8 times the file and 8 MiB", () => {
    let [cases, most] = [0, 0];
    const plain = shapes(
      [1, 1000, 50_000, 100_000, 1_000_000, 20_000_000],
      WHOLE ? [16, 32, 64, 100, 768, 4096] : [16, 64, 4096],
      WHOLE ? [0, 4, 7, 8] : [0, 4, 8],
    ).map((facts) => ({ ...facts, labelBytes: facts.hasLabels ? 8 * facts.itemCount : 0 }));
    for (const facts of [...plain, ...plain.map(asBuilt)]) {
      const { memory, file } = needs(facts);
      if (!isUsual(facts, file)) continue;
      expect(memory, JSON.stringify({ ...facts, seed: 0 })).toBeLessThanOrEqual(memoryBound(file));
      most = Math.max(most, (memory - 8 * MEBIBYTE) / file);
      cases++;
    }
    console.info(`memory of ${cases} usual shapes: at most ${most.toFixed(2)} times the file and 8 MiB`);
    expect(cases).toBeGreaterThan(500);
  });

  test("for any header at all is at most 3.5 times the file and 64 MiB", () => {
    let [cases, most] = [0, 0];
    const itemCounts = [1, 3, 100, 5000, 40_000, 2 ** 20, 2 ** 24, MAX_ITEMS];
    const plain = shapes(itemCounts, WHOLE ? [1, 2, 5, 16, 4096] : [1, 5, 4096], WHOLE ? [0, 1, 5, 9, 10] : [0, 5, 10]);
    for (const facts of [...plain, ...plain.map(asBuilt)]) {
      const { memory, file } = needs(facts);
      most = Math.max(most, (memory - 64 * MEBIBYTE) / file);
      cases++;
    }
    console.info(`memory of ${cases} shapes: at most ${most.toFixed(2)} times the file and 64 MiB`);
    expect(most).toBeLessThanOrEqual(3.5);
  });

  test("is within that for files as they are built", async () => {
    for (const file of [...SMALL_NAMES.map((name) => SMALL_FILES[name]), LARGER_FILE]) {
      const { info } = await loadWith(BUILDS.release, file);
      expect(info.memoryBytes).toBeLessThanOrEqual(memoryBound(file.length));
    }
  });
});
