import { describe, expect, test } from "vitest";
import { LAYOUT_DISPERSION_BUCKETS, LAYOUT_DISPERSION_DIRECTIONS, LAYOUT_OUTLIER_COUNT } from "../../build/structs.ts";
import { parse, serialiseIndexHeader } from "../../src/format/header.ts";
import { float32Of, int32Of, type RawFile, readRaw, writeRaw, xxh64 } from "../fixtures/index-file.ts";
import { open } from "../fixtures/open.ts";
import { faultOf, outcomeOf } from "../fixtures/outcome.ts";
import { CALIBRATION, indexFile, type TinySpec, tinyIndex } from "../fixtures/tiny-index.ts";
import { randomRows } from "../train/rows.ts";

// Twenty-five classes in four buckets, and two outliers behind them. Positions 25 and 26 are the outliers'.

const N = 27;
const SPEC: TinySpec = {
  ...{ itemCount: N, dim: 5, bits: 1, rows: "i8", bias: randomRows(N, 1), fineCodes: true },
  codes: Array.from({ length: N }, (_, id) => id % 4),
  ...{ outliers: [4, 9], dispersion: true },
  calibration: { estimator: "dispersion-5", source: "stand-ins", queryCount: 256 },
  report: { weights: "bias", recallQueries: "queries", rowRecall: 0.9875 },
};
const FILE = indexFile(tinyIndex(SPEC));
const raw = readRaw(FILE);
const LIST = "outliers/1/refuse dispersion/1/refuse calibration/1/refuse report/1/ignore";

const withMetadata = (changes: Record<string, string>, from: RawFile = raw): Uint8Array =>
  writeRaw({ ...from, metadata: { ...from.metadata, ...changes } });

/** Puts entries in front of the one with this name. */
const inFrontOf = <T>(record: Record<string, T>, name: string, entries: Record<string, T>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(record).flatMap((entry) => (entry[0] === name ? [...Object.entries(entries), entry] : [entry])),
  );

/** Appends a tensor of a section to the file, with its checksum. */
function withTensor(from: RawFile, name: string, bytes: Uint8Array, shape = [bytes.length]): RawFile {
  const data = new Uint8Array(from.data.length + bytes.length);
  data.set(from.data);
  data.set(bytes, from.data.length);
  const tensor = { dtype: "U8", shape, data_offsets: [from.data.length, data.length] as const };
  const metadata = inFrontOf(from.metadata, "headerChecksum", { [`checksum.${name}`]: "0".repeat(16) });
  return { ...from, data, tensors: { ...from.tensors, [name]: tensor }, metadata };
}

/** The file with a section that no version of midx knows: two keys and a tensor, behind the others. */
function withUnknown(list: string): RawFile {
  const metadata = { ...raw.metadata, sections: list };
  const keys = { "later.colour": "blue", "later.size": "3" };
  const extended = { ...raw, metadata: inFrontOf(metadata, "checksum.codebook1", keys) };
  return withTensor(
    extended,
    "later.table",
    Uint8Array.from({ length: 32 }, (_, i) => i),
  );
}

describe("a file with sections", () => {
  test("lists them, and holds their keys and tensors in this order", () => {
    expect(raw.metadata).toMatchObject({ formatVersion: "2.0", sections: LIST });
    expect(Object.keys(raw.metadata).filter((key) => /^(?!checksum)\w+\./.test(key))).toEqual([
      ...["outliers.count", "calibration.estimator", "calibration.source", "calibration.queryCount"],
      ...["report.weights", "report.recallQueries", "report.rowRecall"],
    ]);
    expect(raw.metadata["report.rowRecall"]).toBe("0.987500");
    expect(Object.keys(raw.tensors).slice(-4)).toEqual([
      "dispersion.buckets",
      "dispersion.directions",
      "dispersion.means",
      "calibration.values",
    ]);
    expect(Object.keys(raw.metadata).indexOf("sections")).toBe(2);
  });

  test("loads: the layout holds the outliers and the places of the dispersions", async () => {
    const { index, opened } = await open(FILE);
    const { kernels, plan, header } = opened;
    const fields = new DataView(kernels.memory.buffer, plan.layout);
    const placeOf = (name: "dispersion.buckets" | "dispersion.directions") =>
      plan.file + (header.tensors[name]?.begin ?? 0);
    expect(fields.getInt32(LAYOUT_OUTLIER_COUNT, true)).toBe(2);
    expect(fields.getUint32(LAYOUT_DISPERSION_BUCKETS, true)).toBe(placeOf("dispersion.buckets"));
    expect(fields.getUint32(LAYOUT_DISPERSION_DIRECTIONS, true)).toBe(placeOf("dispersion.directions"));
    expect(index.info).toMatchObject({
      ...{ formatVersion: "2.0", outlierCount: 2, weights: "bias", recallQueries: "queries", rowRecall: 0.9875 },
      calibration: { ...SPEC.calibration, calibrated: true, ...CALIBRATION },
    });
  });

  test("has one header: facts that were read write it again", () => {
    for (const file of [FILE, writeRaw(withUnknown(`${LIST} later/7/ignore`))]) {
      const { facts, checksums, headerBytes } = parse(file, file.length, xxh64);
      expect(serialiseIndexHeader(facts, checksums, xxh64)).toEqual(file.slice(0, headerBytes));
    }
  });
});

test("a file without sections lists none, and the layout has no addresses of theirs", async () => {
  const { outliers: _, dispersion: __, calibration: ___, report: ____, ...plain } = SPEC;
  const file = indexFile(tinyIndex(plain));
  expect(readRaw(file).metadata.sections).toBe("");
  const { opened, index } = await open(file);
  const fields = new DataView(opened.kernels.memory.buffer, opened.plan.layout);
  for (const field of [LAYOUT_OUTLIER_COUNT, LAYOUT_DISPERSION_BUCKETS, LAYOUT_DISPERSION_DIRECTIONS]) {
    expect(fields.getUint32(field, true)).toBe(0);
  }
  expect(index.info).toMatchObject({ outlierCount: 0 });
  expect(index.info.calibration).toEqual({ calibrated: false, estimator: "allowance-1" });
  for (const fact of ["weights", "recallQueries", "rowRecall"]) expect(index.info).not.toHaveProperty(fact);
});

describe("a section that this version does not know", () => {
  test("is refused by name where its rule says so", async () => {
    const file = writeRaw(withUnknown(`${LIST} later/7/refuse`));
    expect((await faultOf(file)).code).toBe("section");
    await expect(open(file)).rejects.toThrow('section "later" of version 7 is not known');
    const newer = withMetadata({ sections: LIST.replace("dispersion/1", "dispersion/2") });
    await expect(open(newer)).rejects.toThrow('section "dispersion" of version 2 is not known');
  });

  test("is ignored where its rule says so, wherever it stands, but its checksums are checked", async () => {
    const own = await open(FILE);
    const query = randomRows(5, 3);
    const unknown = withUnknown(`${LIST} later/7/ignore`);
    const { index } = await open(writeRaw(unknown));
    expect(index.info).not.toHaveProperty("ignored");
    expect(index.predict(query, 5, { seed: 1 })).toEqual(own.index.predict(query, 5, { seed: 1 }));
    const file = writeRaw(unknown);
    file[file.length - 1] = 99;
    expect(await faultOf(file)).toEqual({ code: "tensor-checksum", offset: expect.any(Number) });
    const first = { ...raw.metadata, sections: `later/1/ignore ${LIST}` };
    expect((await outcomeOf(writeRaw({ ...raw, metadata: first }))).code).toBe("none");
    const newerReport = withMetadata({ sections: LIST.replace("report/1", "report/2"), "report.weights": "anything" });
    const opened = await open(newerReport);
    expect(opened.index.info).not.toHaveProperty("weights");
  });

  test("has keys and tensors of its own, each a multiple of 16 bytes", async () => {
    const list = `${LIST} later/7/ignore`;
    const listed = { ...raw, metadata: { ...raw.metadata, sections: list } };
    const cases: [RawFile, string][] = [
      [withTensor(listed, "later.odd", new Uint8Array(8)), "tensor-table"],
      [withTensor(listed, "other.table", new Uint8Array(16)), "tensor-table"],
      [withTensor(raw, "later.table", new Uint8Array(16)), "tensor-table"], // not listed
      [withTensor(listed, "later.table", new Uint8Array(16), [2, 8]), "none"],
      [{ ...raw, metadata: inFrontOf(raw.metadata, "checksum.codebook1", { "later.size": "3" }) }, "header-checksum"],
      [{ ...listed, metadata: inFrontOf(listed.metadata, "outliers.count", { "later.size": "3" }) }, "header-checksum"],
      [{ ...listed, metadata: { ...listed.metadata, "later.size": "3" } }, "header-checksum"], // behind the checksums
    ];
    for (const [file, code] of cases) expect((await faultOf(writeRaw(file))).code).toBe(code);
  });
});

describe("wrong sections are refused:", () => {
  test.each([
    ["out of order", "dispersion/1/refuse outliers/1/refuse calibration/1/refuse report/1/ignore", "section"],
    ["twice", `${LIST} report/1/ignore`, "section"],
    ["twice, of two versions", `${LIST} report/2/ignore`, "section"],
    ["an unknown one twice", `${LIST} later/1/ignore later/2/ignore`, "section"],
    ["another rule", LIST.replace("outliers/1/refuse", "outliers/1/ignore"), "section"],
    ["another rule of a newer version", LIST.replace("outliers/1/refuse", "outliers/2/ignore"), "section"],
    ["a reserved name", `${LIST} checksum/1/ignore`, "section"],
    ["one that is not listed", LIST.replace(" report/1/ignore", ""), "header-checksum"],
    ["outliers that are not listed", LIST.replace("outliers/1/refuse ", ""), "header-checksum"],
    ["a tensor that is not listed", LIST.replace(" dispersion/1/refuse", ""), "tensor-table"],
    ["no version", "outliers/refuse", "metadata-value"],
    ["version 0", "outliers/0/refuse", "metadata-value"],
    ["version 01", "outliers/01/refuse", "metadata-value"],
    ["an unknown rule", `${LIST} later/1/maybe`, "metadata-value"],
    ["a name with a capital", `${LIST} Later/1/ignore`, "metadata-value"],
    ["a name with a dot", `${LIST} a.b/1/ignore`, "metadata-value"],
    ["two spaces", LIST.replace(" ", "  "), "metadata-value"],
    ["a space at the end", `${LIST} `, "metadata-value"],
  ])("%s", async (_, sections, code) => {
    expect((await faultOf(withMetadata({ sections }))).code).toBe(code);
  });

  test.each([
    ["outliers.count", "0", "metadata-value"],
    ["outliers.count", "1", "bucket-offsets"],
    ["outliers.count", "3", "bucket-offsets"],
    ["outliers.count", "4", "metadata-value"], // above a class in eight
    ["outliers.count", "02", "metadata-value"],
    ["outliers.count", "256", "metadata-value"],
    ["calibration.estimator", "", "metadata-value"],
    ["calibration.estimator", "a".repeat(65), "metadata-value"],
    ["calibration.source", "rows", "metadata-value"],
    ["calibration.queryCount", "0", "metadata-value"],
    ["report.weights", "both", "metadata-value"],
    ["report.recallQueries", "rows", "metadata-value"],
    ["report.rowRecall", "0.9875", "metadata-value"],
    ["report.rowRecall", "1.000001", "metadata-value"],
    ["report.rowRecall", "-0.500000", "metadata-value"],
  ])('%s "%s": %s', async (key, value, code) => {
    expect((await faultOf(withMetadata({ [key]: value }))).code).toBe(code);
  });

  test("a report need not say what rows were weighed by: files of format 1, written again, do not know", async () => {
    const { "report.weights": _, ...metadata } = raw.metadata;
    const { index } = await open(writeRaw({ ...raw, metadata }));
    expect(index.info).toMatchObject({ recallQueries: "queries" });
    expect(index.info).not.toHaveProperty("weights");
  });

  test.each(["sections", "outliers.count", "calibration.estimator", "report.recallQueries"])(
    "%s left out",
    async (key) => {
      const metadata = Object.fromEntries(Object.entries(raw.metadata).filter(([name]) => name !== key));
      expect((await faultOf(writeRaw({ ...raw, metadata }))).code).toBe("metadata-missing");
    },
  );

  test("sections in a file of format 1", async () => {
    expect((await faultOf(withMetadata({ formatVersion: "1.0" }))).code).toBe("tensor-table");
    const plain = readRaw(indexFile(tinyIndex({ ...SPEC, outliers: [], dispersion: false, fineCodes: false })));
    expect((await faultOf(withMetadata({ formatVersion: "1.0", sections: "" }, plain))).code).toBe("tensor-table");
  });
});

describe("wrong values of sections are refused, at their byte:", () => {
  const setFloat = (tensor: string, at: number, value: number) => (from: RawFile) => {
    float32Of(from, tensor)[at] = value;
  };
  const JUST_TOO_LARGE = 2 ** 80 + 2 ** 57;
  const cases: [string, string, (from: RawFile) => void, string, number][] = [
    ...[Number.NaN, Number.POSITIVE_INFINITY, -1e-30, JUST_TOO_LARGE]
      .flatMap((value) => [
        [`${value}`, "dispersion.buckets", setFloat("dispersion.buckets", 3, value), "tensor-value", 12] as const,
        [`${value}`, "dispersion.means", setFloat("dispersion.means", 0, value), "tensor-value", 0] as const,
      ])
      .map((entry): [string, string, (from: RawFile) => void, string, number] => [...entry]),
    ["padding", "dispersion.means", setFloat("dispersion.means", 3, 1), "tensor-padding", 12],
    ["no number", "calibration.values", setFloat("calibration.values", 7, Number.NaN), "tensor-value", 28],
    ["a factor of 2", "calibration.values", setFloat("calibration.values", 0, 2), "tensor-value", 0],
    ["a coverage of 1.5", "calibration.values", setFloat("calibration.values", 2, 1.5), "tensor-value", 8],
    ["a code of the first outlier", "fineCodes", (from) => codeOf(from, 25, 1), "tensor-padding", 19],
    ["a code of the last outlier", "fineCodes", (from) => codeOf(from, 26, 0), "tensor-padding", 5],
    [
      "buckets with the outliers",
      "bucketOffsets",
      (from) => {
        int32Of(from, "bucketOffsets")[4] = N;
      },
      "bucket-offsets",
      16,
    ],
  ];

  /** Sets the code of a row, in the high half of a byte, under a sub-quantizer. */
  function codeOf(from: RawFile, row: number, quantizer: number): void {
    const lane = row % 16;
    const at = 16 * quantizer + (lane < 8 ? 2 * lane : 2 * (lane - 8) + 1);
    const [begin] = from.tensors.fineCodes?.data_offsets ?? [0];
    from.data[begin + at] = (from.data[begin + at] as number) | 0x10;
  }

  test.each(cases)("%s in %s", async (_, tensor, damage, code, byte) => {
    const damaged = readRaw(FILE);
    damage(damaged);
    const begin = damaged.headerBytes + (damaged.tensors[tensor]?.data_offsets[0] ?? Number.NaN);
    expect(await faultOf(writeRaw(damaged))).toEqual({ code, offset: begin + byte });
  });

  test("values of an estimator that is not known are no fault, if they are numbers: its bars are not calibrated", async () => {
    const later = { ...raw, metadata: { ...raw.metadata, "calibration.estimator": "later-1" }, data: raw.data.slice() };
    float32Of(later, "calibration.values").fill(-7);
    const { index } = await open(writeRaw(later));
    expect(index.info.calibration).toEqual({ calibrated: false, estimator: "dispersion-5" });
    float32Of(later, "calibration.values")[9] = Number.NaN;
    expect(await faultOf(writeRaw(later))).toMatchObject({ code: "tensor-value" });
  });

  test("values at their limits are no fault", async () => {
    const largest = readRaw(FILE);
    float32Of(largest, "dispersion.buckets").set([0, 2 ** 80]);
    float32Of(largest, "dispersion.means")[0] = 2 ** 80;
    float32Of(largest, "calibration.values").set([1.5, 2 ** 40, 1, 1, 2 ** 24, 2 ** 40]);
    expect((await outcomeOf(writeRaw(largest))).code).toBe("none");
  });
});
