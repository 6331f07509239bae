import { describe, expect, test } from "vitest";
import { type RawFile, readRaw, writeRaw } from "../fixtures/index-file.ts";
import { open } from "../fixtures/open.ts";
import { FILES, faultOf, outcomeOf, PLAIN } from "../fixtures/outcome.ts";

const raw = readRaw(PLAIN);

/** The file with other metadata and correct checksums. */
const withMetadata = (changes: Record<string, string>): Uint8Array =>
  writeRaw({ ...raw, metadata: { ...raw.metadata, ...changes } });

const without = <T>(record: Record<string, T>, name: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));

describe("metadata that are wrong, with the checksums right, are refused:", () => {
  const HUGE = ["2147483648", "4294967295", "4294967296", "9007199254740992", "18446744073709551615"];
  const NOT_INTEGERS = ["", "-1", "1.5", "01", "1e1", " 9", "NaN", "Infinity", "0x9", "\u0669"];
  const cases: [string, string, string][] = [];
  for (const name of ["itemCount", "dim", "bits", "bucketCount", "largestBucket"]) {
    for (const value of [...HUGE, ...NOT_INTEGERS]) cases.push([name, value, "metadata-value"]);
  }
  cases.push(
    ["itemCount", "0", "metadata-value"], // more buckets than classes
    ["itemCount", "1", "metadata-value"],
    ["itemCount", "8", "tensor-table"],
    ["itemCount", "10", "tensor-table"],
    ["itemCount", "2147483647", "metadata-value"], // the fullest bucket can't be that small
    ["dim", "0", "metadata-value"],
    ["dim", "1", "tensor-padding"], // the shapes are the same, so the values are padding then
    ["dim", "3", "tensor-padding"],
    ["dim", "5", "tensor-table"],
    ["dim", "4096", "tensor-table"],
    ["dim", "4097", "metadata-value"],
    ["bits", "0", "metadata-value"], // fewer buckets than stated
    ["bits", "2", "tensor-table"],
    ["bits", "10", "tensor-table"],
    ["bits", "11", "metadata-value"],
    ["bucketCount", "0", "metadata-value"],
    ["bucketCount", "1", "metadata-value"],
    ["bucketCount", "3", "tensor-table"],
    ["bucketCount", "5", "metadata-value"],
    ["largestBucket", "0", "metadata-value"],
    ["largestBucket", "2", "metadata-value"],
    ["largestBucket", "4", "largest-bucket"],
    ["largestBucket", "9", "largest-bucket"],
    ["largestBucket", "10", "metadata-value"],
    ["quantizer", "PQ", "metadata-value"],
    ["quantizer", "pq", "tensor-padding"], // here halves have the shape of the whole
    ["rows", "f32", "tensor-table"],
    ["rows", "none", "metadata-value"],
    ["metric", "l2", "metadata-value"],
    ["hasBias", "false", "tensor-table"],
    ["hasBias", "1", "metadata-value"],
    ["hasFineCodes", "true", "tensor-table"],
    ["hasFineCodes", "", "metadata-value"],
    ["hasLabels", "true", "tensor-table"],
    ["hasLabels", "yes", "metadata-value"],
    ["labelBytes", "1", "metadata-value"], // without labels
    ["labelBytes", "-1", "metadata-value"],
    ["seed", "18446744073709551616", "metadata-value"],
    ["seed", "-1", "metadata-value"],
    ["source", "0123456789ABCDEF", "metadata-value"],
    ["source", "0", "metadata-value"],
    ["builder", "", "metadata-value"],
    ["builder", "x".repeat(65), "metadata-value"],
    ["builder", "\u00b5", "metadata-value"],
    ["format", "gguf", "foreign-file"],
    ["formatVersion", "1.0", "header-checksum"], // it has no sections
    ["formatVersion", "3.0", "format-version"],
    ["formatVersion", "0.9", "format-version"],
    ["formatVersion", "10.0", "format-version"],
    ["formatVersion", "20.0", "format-version"],
    ["formatVersion", "2.00000", "format-version"],
    ["formatVersion", "1", "format-version"],
  );

  test.each(cases)('%s "%s": %s', async (name, value, code) => {
    expect((await faultOf(withMetadata({ [name]: value }))).code).toBe(code);
  });

  test.each([
    ["checksum.ids", "0", "metadata-value"],
    ["checksum.ids", "0123456789ABCDEF", "metadata-value"],
    ["checksum.ids", "0".repeat(16), "tensor-checksum"],
    ["headerChecksum", "0", "metadata-value"],
    ["headerChecksum", "0".repeat(16), "header-checksum"],
    ["itemCount", "9", "none"],
    ["comment", "unknown keys are not in the one form", "header-checksum"],
  ])('%s "%s", written over what is right: %s', async (name, value, code) => {
    expect((await faultOf(writeRaw(raw, { [name]: value }))).code).toBe(code);
  });

  test.each(Object.keys(raw.metadata))("%s left out", async (name) => {
    const code = { format: "foreign-file", formatVersion: "format-version" }[name] ?? "metadata-missing";
    const file = writeRaw({ ...raw, metadata: without(raw.metadata, name) });
    expect((await faultOf(file)).code).toBe(code);
  });
});

describe("the five keys of a table of features", () => {
  const withTable = readRaw(FILES.i8);
  const faultWith = async (changes: Record<string, string>): Promise<string> =>
    (await faultOf(writeRaw({ ...withTable, metadata: { ...withTable.metadata, ...changes } }))).code;

  test.each([
    ["featureCount", "0", "metadata-value"],
    ["featureCount", "2147483648", "metadata-value"],
    ["featureCount", "4", "tensor-table"],
    ["positionCount", "0", "tensor-table"],
    ["positionCount", "-1", "metadata-value"],
    ["positionCount", "4097", "metadata-value"],
    ["pooling", "max", "metadata-value"],
    ["hasFeatureLabels", "false", "metadata-value"], // the file has bytes of them
    ["hasFeatureLabels", "yes", "metadata-value"],
    ["featureLabelBytes", "5", "label-offsets"],
    ["featureLabelBytes", "17", "tensor-table"],
  ])('%s "%s": %s', async (name, value, code) => {
    expect(await faultWith({ [name]: value })).toBe(code);
  });

  test("are all there, or none", async () => {
    const keys = ["positionCount", "pooling", "hasFeatureLabels", "featureLabelBytes"];
    for (const key of keys) {
      const file = writeRaw({ ...withTable, metadata: without(withTable.metadata, key) });
      expect((await faultOf(file)).code, key).toBe("metadata-missing");
    }
    const metadata = without(withTable.metadata, "featureCount");
    expect((await faultOf(writeRaw({ ...withTable, metadata }))).code).toBe("tensor-table");
    // In a file without the table, they are not part of its only valid header.
    expect((await faultOf(withMetadata({ pooling: "sum" }))).code).toBe("header-checksum");
  });
});

test("a newer major version is refused by name, a newer minor version is read", async () => {
  const { opened } = await outcomeOf(withMetadata({ formatVersion: "2.27" }));
  expect(opened?.index.info.formatVersion).toBe("2.27");
  const { sections: _, ...metadata } = raw.metadata;
  const first = writeRaw({ ...raw, metadata: { ...metadata, formatVersion: "1.27" } });
  expect((await outcomeOf(first)).opened?.index.info.formatVersion).toBe("1.27");
  await expect(open(withMetadata({ formatVersion: "3.0" }))).rejects.toThrow(
    '"formatVersion" expected 1.x or 2.x, got "3.0"',
  );
});

describe("tensors that are wrong, with the checksums right, are refused:", () => {
  type Tensors = RawFile["tensors"];
  const write = (tensors: Tensors, data = raw.data): Uint8Array => writeRaw({ ...raw, tensors, data });
  const changed = (name: string, fields: object): Tensors => ({
    ...raw.tensors,
    [name]: { ...raw.tensors[name], ...fields } as Tensors[string],
  });
  /** Exchanges two tensors, in the JSON and in the file. */
  const swapped = (a: string, b: string): Tensors =>
    Object.fromEntries(
      Object.entries(raw.tensors).map(([name, tensor]) => [name === a ? b : name === b ? a : name, tensor]),
    );
  const longer = new Uint8Array(raw.data.length + 16);
  const extra = { dtype: "U8", shape: [16], data_offsets: [raw.data.length, raw.data.length + 16] } as const;
  const ids = raw.tensors.ids as Tensors[string];

  test.each<[string, Uint8Array, string]>([
    ["bias and rowScales exchanged", write(swapped("bias", "rowScales")), "tensor-table"],
    ["codebooks exchanged", write(swapped("codebook1", "codebook2")), "tensor-table"],
    ["an unknown tensor", write({ ...raw.tensors, extra }, longer), "tensor-table"],
    [
      "an unknown tensor without bytes",
      write({ ...raw.tensors, extra: { ...extra, shape: [0], data_offsets: [0, 0] } }),
      "tensor-table",
    ],
    ["a tensor missing from the header", write(without(raw.tensors, "bias")), "tensor-gap"],
    ["a tensor missing at the end", write(without(raw.tensors, "rows")), "file-extended"],
    ["none", write({}, new Uint8Array(0)), "tensor-table"],
    ["another dtype of the same size", write(changed("ids", { dtype: "U32" })), "tensor-table"],
    ["another dtype", write(changed("ids", { dtype: "I64" })), "tensor-size"],
    ["an unknown dtype", write(changed("ids", { dtype: "I7" })), "tensor-dtype"],
    ["another shape of the same size", write(changed("ids", { shape: [1, ...ids.shape] })), "tensor-table"],
    [
      "rows lying across",
      write(changed("rows", { shape: [...(raw.tensors.rows?.shape ?? [])].reverse() })),
      "tensor-table",
    ],
    ["a shape beyond 2^53", write(changed("ids", { shape: [2 ** 52, 2 ** 52] })), "tensor-shape"],
    ["a shape of less", write(changed("ids", { shape: [8] })), "tensor-size"],
    ["an overlap", write(changed("ids", { data_offsets: ids.data_offsets.map((at) => at - 16) })), "tensor-overlap"],
    ["a gap", write(changed("ids", { data_offsets: ids.data_offsets.map((at) => at + 16) })), "tensor-gap"],
    ["a field more", write(changed("ids", { order: "C" })), "tensor-fields"],
    ["no bytes at all", write(raw.tensors, new Uint8Array(0)), "file-truncated"],
  ])("%s", async (_, file, code) => {
    expect((await faultOf(file)).code).toBe(code);
  });

  test("exchanged in their bytes only, by the checksum that knows their name", async () => {
    const [a, b] = [raw.tensors.codebook1, raw.tensors.codebook2].map((tensor) => tensor?.data_offsets ?? [0, 0]) as [
      [number, number],
      [number, number],
    ];
    const file = PLAIN.slice();
    file.set(raw.data.subarray(...a), raw.headerBytes + b[0]);
    file.set(raw.data.subarray(...b), raw.headerBytes + a[0]);
    expect(await faultOf(file)).toEqual({ code: "tensor-checksum", offset: raw.headerBytes });
  });
});

describe("a file of another kind is refused:", () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const container = (json: string): Uint8Array => {
    const header = text(json);
    const file = new Uint8Array(8 + header.length);
    file[0] = header.length;
    file.set(header, 8);
    return file;
  };
  test.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), "file-truncated"],
    ["zeros", new Uint8Array(4096), "header-length"],
    ["ones", new Uint8Array(4096).fill(0xff), "header-length"],
    ["text", text("id,score\n".repeat(1000)), "header-length"],
    ["numpy", text(`\u0093NUMPY${"x".repeat(500)}`), "header-length"],
    [
      "safetensors without metadata",
      container('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
      "foreign-file",
    ],
    ["safetensors of another program", container('{"__metadata__":{"format":"pt"}}'), "foreign-file"],
    ["safetensors with no tensor", container("{}"), "foreign-file"],
    ["a header that is no JSON", container("{ }}"), "header-json"],
    ["a header that is no object", container("[1, 2]"), "header-json"],
    ["a header with a key twice", container('{"a":1,"a":1}'), "header-duplicate"],
    ["a header that is no text", Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xc3, 0x28, 0x7d), "header-utf8"],
  ])("%s", async (_, file, code) => {
    expect((await faultOf(file)).code).toBe(code);
  });

  test("one whose header is right in all but its form", async () => {
    const json = new TextDecoder().decode(PLAIN.subarray(8, raw.headerBytes)).trimEnd();
    for (const form of [json.replace(":", ": "), json.replace('"midx"', '"mid\\u0078"'), `${json}${" ".repeat(32)}`]) {
      const header = text(form.padEnd(Math.ceil((form.length + 8) / 16) * 16 - 8));
      const file = new Uint8Array(8 + header.length + raw.data.length);
      new DataView(file.buffer).setUint32(0, header.length, true);
      file.set(header, 8);
      file.set(raw.data, 8 + header.length);
      // Tensor checksums depend on where a tensor begins, so a longer header changes them. They are checked later.
      expect((await faultOf(file)).code).toBe("header-canonical");
    }
  });
});
