import { describe, expect, test } from "vitest";
import { dtypeBytes } from "../../src/bytes/safetensors.ts";
import { factsFromMetadata } from "../../src/format/facts.ts";
import { tensorTable } from "../../src/format/tensors.ts";
import { type RawFile, readRaw, writeRaw } from "../fixtures/index-file.ts";
import { WHOLE } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { SMALL_FILES, SMALL_NAMES } from "./files.ts";
import { pagesGrown } from "./growth.ts";
import { judge } from "./judge.ts";
import { Tally } from "./tally.ts";

// Replaces every number in a header by those that break readers, with correct checksums.

const FIELDS = ["itemCount", "dim", "bits", "bucketCount", "largestBucket", "seed"] as const;
const FEATURE_FIELDS = ["featureCount", "positionCount", "featureLabelBytes"] as const;
/** The fields that a file has. */
const fieldsOf = ({ metadata }: RawFile): readonly string[] =>
  metadata.featureCount === undefined ? FIELDS : [...FIELDS, ...FEATURE_FIELDS];

/** 0, ±1, N, N ± 1, and the limits of 31, 32, 53 and 64 bits. */
function values(itemCount: number): bigint[] {
  const n = BigInt(itemCount);
  return [0n, 1n, -1n, n - 1n, n, n + 1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 64n - 1n];
}

/**
 * The file that a writer of these metadata would make: the tensors of its table, filled with the existing bytes and
 * then with zeros.
 */
function carriedThrough(raw: RawFile, metadata: Record<string, string>): RawFile | undefined {
  let table: ReturnType<typeof tensorTable>;
  try {
    table = tensorTable(factsFromMetadata(metadata));
  } catch {
    return undefined;
  }
  let begin = 0;
  const tensors: RawFile["tensors"] = Object.fromEntries(
    table.map(({ name, dtype, shape }) => {
      const end = begin + shape.reduce((product, size) => product * size, dtypeBytes(dtype));
      const entry = [name, { dtype, shape, data_offsets: [begin, end] as const }] as const;
      begin = end;
      return entry;
    }),
  );
  const data = new Uint8Array(Math.min(begin, 2 ** 16));
  for (const [name, { data_offsets: place }] of Object.entries(tensors)) {
    const from = raw.tensors[name]?.data_offsets ?? [0, 0];
    const bytes = raw.data.subarray(...from).subarray(0, Math.max(0, place[1] - place[0]));
    if (place[0] < data.length) data.set(bytes.subarray(0, data.length - place[0]), place[0]);
  }
  return { ...raw, metadata, tensors, data };
}

const MEBIBYTE = 2 ** 20;

/** Judges files, and checks that a refusal takes far less memory than the header claims. */
async function judgeAll(what: string, files: Iterable<[string, Uint8Array]>): Promise<Tally> {
  const tally = new Tally();
  for (const [label, file] of files) {
    const grown = pagesGrown();
    const verdict = await judge(file).catch((error) => {
      throw new Error(`${label}: ${error}`, { cause: error });
    });
    if (verdict !== "harmless") expect(grown() * 65536, label).toBeLessThan(2 * MEBIBYTE);
    tally.add(verdict);
  }
  tally.print(what);
  return tally;
}

describe.each(SMALL_NAMES)("%s", (name) => {
  const raw = readRaw(SMALL_FILES[name]);
  const itemCount = Number(raw.metadata.itemCount);

  test("with any number of its metadata replaced is refused, but for the seed", async () => {
    function* files(): Generator<[string, Uint8Array]> {
      for (const field of fieldsOf(raw)) {
        for (const value of values(itemCount)) {
          const metadata = { ...raw.metadata, [field]: String(value) };
          yield [`${field} ${value}`, writeRaw({ ...raw, metadata })];
        }
      }
    }
    const tally = await judgeAll(`a number of the metadata replaced, ${name}`, files());
    // These are N itself, and seeds of 0 and more, on which no query depends.
    expect(tally.of("harmless")).toBe(1 + 10);
  });

  test("with any number of its metadata replaced and carried through all tensors is refused or harmless", async () => {
    let carried = 0;
    function* files(): Generator<[string, Uint8Array]> {
      for (const field of fieldsOf(raw)) {
        const all = values(itemCount);
        for (const value of WHOLE ? all : inTurn(all, 3, field)) {
          const changed = carriedThrough(raw, { ...raw.metadata, [field]: String(value) });
          if (changed === undefined) continue;
          carried++;
          yield [`${field} ${value}`, writeRaw(changed)];
        }
      }
    }
    await judgeAll(`a number carried through all tensors, ${name}`, files());
    expect(carried).toBeGreaterThan(WHOLE ? 15 : 5);
  });

  test("with any size or offset of a tensor replaced is refused", async () => {
    function* files(): Generator<[string, Uint8Array]> {
      for (const [tensor, entry] of Object.entries(raw.tensors)) {
        const numbers = values(itemCount).map(Number);
        for (const value of WHOLE ? numbers : inTurn(numbers, 5, tensor)) {
          for (const field of ["shape", "data_offsets"] as const) {
            for (const at of entry[field].keys()) {
              if (entry[field][at] === value) continue;
              const replaced = entry[field].map((number, i) => (i === at ? value : number));
              const tensors = { ...raw.tensors, [tensor]: { ...entry, [field]: replaced } } as RawFile["tensors"];
              yield [`${tensor}.${field}[${at}] ${value}`, writeRaw({ ...raw, tensors })];
            }
          }
        }
      }
    }
    const tally = await judgeAll(`a size or offset replaced, ${name}`, files());
    expect(tally.refused).toBe(tally.tried);
    expect(tally.codes).toEqual(["tensor-offsets", "tensor-shape", "tensor-size"]);
  });

  test("with its length field replaced is refused", async () => {
    function* files(): Generator<[string, Uint8Array]> {
      for (const value of [...values(itemCount), ...values(raw.headerBytes), ...values(raw.headerBytes - 8)]) {
        if (value === BigInt(raw.headerBytes - 8)) continue;
        const file = SMALL_FILES[name].slice();
        new DataView(file.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
        yield [`length ${value}`, file];
      }
    }
    const tally = await judgeAll(`the length field replaced, ${name}`, files());
    expect(tally.refused).toBe(tally.tried);
  });
});
