import zlib from "node:zlib";
import { type ParquetWriteOptions, parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { openInput, readVector } from "../../../src/cli/inputs/open.ts";
import { EVERY } from "../../run/size.ts";
import { writeInput } from "../files.ts";
import { noise } from "../run.ts";
import { read, readChunks, readLabelled, refusal } from "./read-input.ts";

type Options = Omit<ParquetWriteOptions, "writer">;

const bytesOfTable = (options: Options): Uint8Array => new Uint8Array(parquetWriteBuffer(options));
const writeTable = (options: Options): string => writeInput("w.parquet", bytesOfTable(options));

const VALUES = [1, -2, 3.5, 0, 0.25, 1024];
const SIX = { values: VALUES, shape: [2, 3] };
const WORDS = { name: "word", data: ["apple", "pear"], type: "STRING" as const };

/** Returns a column of lists as Arrow writes it. */
const listSchema = (type: "FLOAT" | "DOUBLE" | "INT32" = "FLOAT", name = "embedding") =>
  [
    { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", type, repetition_type: "OPTIONAL" },
  ] as const;

function lists(data: readonly unknown[], options: Partial<Options> = {}, type: "FLOAT" | "DOUBLE" | "INT32" = "FLOAT") {
  const schema = [{ name: "root", num_children: 1 }, ...listSchema(type)] as NonNullable<Options["schema"]>;
  return { schema, columnData: [{ name: "embedding", data: [...data] }], ...options } as Options;
}

describe("a .parquet input", () => {
  const rows = [VALUES.slice(0, 3), VALUES.slice(3)];

  test.each(["FLOAT", "DOUBLE"] as const)("gives the same six numbers from lists of %s", async (type) => {
    expect(await read(writeTable(lists(rows, {}, type)))).toEqual(SIX);
  });

  test.each([
    ["UNCOMPRESSED", undefined],
    ["SNAPPY", undefined],
    ["GZIP", (bytes: Uint8Array) => zlib.gzipSync(bytes)],
    ["ZSTD", (bytes: Uint8Array) => zlib.zstdCompressSync(bytes)],
    ["BROTLI", (bytes: Uint8Array) => zlib.brotliCompressSync(bytes)],
  ] as const)("gives the same six numbers with pages compressed by %s", async (codec, compress) => {
    const compressors = compress && { [codec]: (bytes: Uint8Array) => new Uint8Array(compress(bytes)) };
    expect(await read(writeTable(lists(rows, { codec, ...(compressors && { compressors }) })))).toEqual(SIX);
  });

  test("gives the same six numbers from columns of floats, leaving out what else there is", async () => {
    const columns = [0, 1, 2].map((c) => ({
      name: `x${c}`,
      data: rows.map((row) => row[c] as number),
      type: "FLOAT" as const,
    }));
    const count = { name: "count", data: [7, 8], type: "INT32" } as const;
    const id = { name: "id", data: [0.5, 1.5], type: "DOUBLE" } as const;
    const table = (...columnData: object[]) => writeTable({ columnData } as unknown as Options);
    expect(await read(table(WORDS, ...columns, count))).toEqual(SIX);
    expect(await read(table(id, ...columns), { idField: false })).toEqual(SIX);
    expect((await read(table(WORDS, count))).values).toEqual([7, 8]);
    const input = await openInput(table(id, WORDS, ...columns, count), { idField: false });
    expect(input.inputColumns).toEqual({ values: ["x0", "x1", "x2"], leftOut: ["id", "word", "count"] });
    await input.close();
    expect((await read(table(WORDS, ...columns, count), { tensor: "count" })).values).toEqual([7, 8]);
  });

  test("gives the same rows in chunks of any size, from any row, over groups", async () => {
    const data = noise(1000 * 3);
    const table = Array.from({ length: 1000 }, (_, row) => Array.from(data.subarray(row * 3, row * 3 + 3)));
    for (const rowGroupSize of [1, 77, 1000]) {
      const path = writeTable(lists(table, { rowGroupSize }));
      for (const [chunkRows, firstRow] of [
        [1, 990],
        [7, 0],
        [78, 76],
        [2000, 1],
      ] as const) {
        const chunks = await readChunks(path, chunkRows, firstRow);
        expect(chunks.flat()).toEqual(Array.from(data.subarray(firstRow * 3)));
        for (const chunk of chunks.slice(0, -1)) expect(chunk).toHaveLength(chunkRows * 3);
      }
    }
  });

  test("takes the labels from the column that is named, by default id, and none without", async () => {
    const x = { name: "x", data: [1, 2], type: "FLOAT" as const };
    const ids = { name: "id", data: [7n, 8n], type: "INT64" as const };
    const path = writeTable({ columnData: [ids, WORDS, x] } as unknown as Options);
    expect(await readLabelled(path)).toEqual({ values: [1, 2], labels: ["7", "8"] });
    expect((await readLabelled(path, { idField: "word" })).labels).toEqual(["apple", "pear"]);
    expect((await readLabelled(path, { idField: false })).labels).toBeUndefined();
    expect((await refusal(read(path, { idField: "sku" }))).message).toContain(
      'there is no column "sku"; the file has "id", "word", "x"',
    );
    const holes = { name: "id", data: ["a", null], type: "STRING" };
    const missing = writeTable({ columnData: [holes, x] } as unknown as Options);
    expect(await refusal(read(missing))).toMatchObject({
      code: "parquet-id",
      message: expect.stringContaining("row 1"),
    });
  });

  test("holds counts as well", async () => {
    const counts = { name: "n", data: [3n, 4n], type: "INT64" as const };
    expect(await readVector(writeTable({ columnData: [counts] }))).toEqual(Float32Array.of(3, 4));
  });

  test("names what there is where several columns could be meant, or none", async () => {
    const schema = [{ name: "root", num_children: 2 }, ...listSchema("FLOAT", "a"), ...listSchema("FLOAT", "b")];
    const columnData = ["a", "b"].map((name) => ({ name, data: [[1], [2]] }));
    const path = writeTable({ schema, columnData } as unknown as Options);
    const { code, message } = await refusal(read(path));
    expect(code).toBe("RangeError");
    expect(message).toContain(
      `'--tensor' is missing: 2 tensors could be a matrix of floats; the file has "a" lists of FLOAT`,
    );
    expect((await read(path, { tensor: "b" })).values).toEqual([1, 2]);
    expect((await refusal(read(writeTable({ columnData: [WORDS] })))).message).toContain('"word" BYTE_ARRAY');
  });

  test("refuses rows of other lengths, and names rows with values that are missing or not finite", async () => {
    const of = (...data: unknown[]) => refusal(read(writeTable(lists(data))));
    expect(await of([1, 2], [3])).toMatchObject({
      code: "parquet-row",
      message: expect.stringContaining("row 1 has 1 values, expected 2"),
    });
    expect(await of([1, 2], [])).toMatchObject({ code: "parquet-row" });
    expect((await of([1, 2], [3, null])).message).toContain("row 1, column 1: NaN");
    expect((await of([1, 2], null, [3, 4])).message).toContain("row 1, column 0: NaN");
    expect((await of([1, 2], [Number.POSITIVE_INFINITY, 3])).message).toContain("row 1, column 0: Infinity");
    expect((await read(writeTable(lists([null, [1, 2], [3, null], [4, 5]])), { dropAbove: 2 ** 32 })).values).toEqual([
      1, 2, 4, 5,
    ]);
  });

  test("refuses every shorter file, and others", async () => {
    const bytes = bytesOfTable(lists(rows));
    for (let length = 0; length < bytes.byteLength; length++) {
      const { code } = await refusal(read(writeInput("w.parquet", bytes.subarray(0, length))));
      expect(["file-truncated", "parquet-file"]).toContain(code);
    }
    expect((await refusal(read(writeInput("w.parquet", "x".repeat(100))))).code).toBe("parquet-file");
    const cut = await refusal(read(writeInput("w.parquet", bytes.subarray(0, 100))));
    expect(cut).toMatchObject({
      code: "file-truncated",
      message: expect.stringContaining("if it was cut off, download"),
    });
  });

  test("survives every byte of it being another, without much memory", async () => {
    const bytes = bytesOfTable(lists(rows, { codec: "UNCOMPRESSED" }));
    const flips = [0x01, 0x80, 0xff];
    for (const [turn, flip] of flips.entries()) {
      // In `npm test` the three take turns, so that each byte is another one once.
      for (let at = EVERY ? 0 : turn; at < bytes.byteLength; at += EVERY ? 1 : flips.length) {
        const damaged = Uint8Array.from(bytes);
        damaged[at] = (damaged[at] as number) ^ flip;
        const { code, message } = await refusal(read(writeInput("w.parquet", damaged)));
        const isTyped =
          ["none", "RangeError", "value-not-finite", "file-truncated"].includes(code) || code.startsWith("parquet-");
        expect(isTyped, `${at} ^ ${flip}: ${code} ${message}`).toBe(true);
      }
    }
  });

  test("is counted in the memory of a build on the disk", async () => {
    const data = Array.from({ length: 1000 }, (_, row) => [row, 1, 2]);
    const input = await openInput(writeTable(lists(data)));
    expect(input.memoryBytes).toBeGreaterThan(1000 * 3 * 8);
    await input.close();
  });
});
