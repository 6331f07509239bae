import { truncateSync } from "node:fs";
import { getHeapStatistics } from "node:v8";
import { type ColumnMetaData, type FileMetaData, parquetMetadata } from "hyparquet";
import { ByteWriter, parquetWriteBuffer } from "hyparquet-writer";
import { writeMetadata } from "hyparquet-writer/src/metadata.js";
import { describe, expect, test } from "vitest";
import { parseStrictJson } from "../../../src/bytes/strict-json.ts";
import { openInput } from "../../../src/cli/inputs/open.ts";
import { EVERY } from "../../run/size.ts";
import { floats, npyBytes, npyLiteral, writeInput } from "../files.ts";
import { type ZipMember, zipBytes } from "../zip.ts";
import { read, refusal } from "./read-input.ts";

// Tests the limits of the readers for the claims of a file, each at its boundary.

describe("an .npz archive", () => {
  const array = npyBytes(npyLiteral("<f4", "(1, 1)"), floats(1));

  test("inflates to at most 1,032 bytes of one", async () => {
    const declaring = (byteLength: number): Promise<unknown> =>
      read(writeInput("w.npz", zipBytes([{ name: "w.npy", data: array, declared: { byteLength } }])), { tensor: "w" });
    expect(await refusal(declaring(1_000_000))).toMatchObject({ code: "zip-size" });
    expect(await refusal(declaring(array.byteLength))).toMatchObject({ code: "none" });
  });

  test("has at most 10,000 arrays", async () => {
    const members = Array.from({ length: 10_001 }, (_, i) => ({
      name: `${i}.npy`,
      data: array,
      method: "stored" as const,
    }));
    const [first, ...rest] = members as [ZipMember, ...ZipMember[]];
    const refused = (of: ZipMember[]) => refusal(read(writeInput("w.npz", zipBytes(of)), { tensor: "1" }));
    const [code, tooMany] = ["npz-members", "there are more than 10000 arrays"];
    expect(await refused([...rest, first])).toMatchObject({ code, message: expect.stringContaining(tooMany) });
    // The names are compared before the headers of 10,000 arrays are read, which takes long.
    const again = [...rest, rest[0] as ZipMember];
    expect(await refused(again)).toMatchObject({ code, message: expect.stringContaining("occurs twice") });
    if (!EVERY) return;
    expect((await read(writeInput("w.npz", zipBytes(rest)), { tensor: "1" })).shape).toEqual([1, 1]);
  });
});

test("an .npy header has at most 65,536 bytes", async () => {
  const literal = npyLiteral("<f4", "(1, 1)");
  const padded = (length: number): Uint8Array =>
    npyBytes(`${literal}${" ".repeat(length - literal.length)}`, floats(1), 2);
  expect(await refusal(read(writeInput("w.npy", padded(70_000))))).toMatchObject({ code: "npy-header" });
  expect((await read(writeInput("w.npy", padded(65_000)))).shape).toEqual([1, 1]);
});

test("the index of a model in shards has at most 100 MB", async () => {
  const path = writeInput("x.safetensors.index.json", "{}");
  truncateSync(path, 100_000_001);
  expect(await refusal(read(path))).toMatchObject({ code: "shards-size" });
});

test("JSON of a header is nested 64 deep at most", () => {
  const nested = (depth: number): Uint8Array =>
    Buffer.from(`{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)},"b":"[["}`);
  expect(parseStrictJson(nested(64), 0)).toHaveLength(2);
  expect(() => parseStrictJson(nested(65), 0)).toThrow("nested more than 64 deep");
});

describe("a .parquet file", () => {
  const lists = {
    columnData: [
      {
        name: "v",
        data: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    schema: [
      { name: "root", num_children: 1 },
      { name: "v", repetition_type: "OPTIONAL" as const, num_children: 1, converted_type: "LIST" as const },
      { name: "list", repetition_type: "REPEATED" as const, num_children: 1 },
      { name: "element", type: "FLOAT" as const, repetition_type: "OPTIONAL" as const },
    ],
  };
  const flat = { columnData: [{ name: "v", data: Float32Array.of(1, 2, 3), type: "FLOAT" as const }] };
  type Options = Parameters<typeof parquetWriteBuffer>[0];
  const written = (options: Options): Buffer => Buffer.from(parquetWriteBuffer({ codec: "UNCOMPRESSED", ...options }));

  /** Returns the file with other metadata and `more` unused bytes. */
  function edited(options: Options, edit: (metadata: FileMetaData, part: ColumnMetaData) => void, more = 0): string {
    const bytes = Uint8Array.from(written(options));
    const metadata = parquetMetadata(bytes.buffer);
    edit(metadata, metadata.row_groups[0]?.columns[0]?.meta_data as ColumnMetaData);
    const writer = new ByteWriter();
    writer.appendBytes(bytes.subarray(0, bytes.byteLength - 8 - metadata.metadata_length));
    writer.appendBytes(new Uint8Array(more));
    writeMetadata(writer, metadata);
    writer.appendBytes(Buffer.from("PAR1"));
    return writeInput("x.parquet", writer.getBytes());
  }

  test("has no more values than its bytes allow, nor more rows", async () => {
    const many = edited(flat, (_, part) => {
      part.num_values = 5_000_000n;
    });
    expect(await refusal(read(many))).toMatchObject({ code: "parquet-size" });
    const rows = edited(flat, ({ row_groups: [group] }) => {
      if (group) group.num_rows = 5_000_000n;
    });
    expect(await refusal(read(rows))).toMatchObject({ code: "parquet-size" });
    expect((await read(edited(flat, () => {}, 1))).values).toEqual([1, 2, 3]);
  });

  test("has as many values as rows where its columns are no lists", async () => {
    const fewer = edited(flat, ({ row_groups: [group] }) => {
      if (group) group.num_rows = 2n;
    });
    expect(await refusal(read(fewer))).toMatchObject({ code: "parquet-pages" });
  });

  test("has no row group of lists that the heap has no room for", async () => {
    const values = Math.ceil(getHeapStatistics().heap_size_limit / 224) + 1;
    const path = edited(
      lists,
      (_, part) => {
        part.num_values = BigInt(values);
      },
      values / 16,
    );
    expect((await refusal(read(path))).message).toContain("write the file with smaller row groups");
  });

  /** The positions of the one-byte fields of a page header, after the byte that begins its last structure. */
  const V2 = { begins: 0x5c, values: 2, nulls: 4, definition: 10, repetition: 12 } as const;
  const MINUS_TWO = 3;

  test.each([
    ["values", V2.values, "a page has -2 values"],
    ["values that are null", V2.nulls, "declares -2 of its 3 values to be null"],
    ["bytes of definition levels", V2.definition, "levels of"],
    ["bytes of repetition levels", V2.repetition, "levels of"],
  ])("has no page with fewer than no %s", async (_, field, message) => {
    const bytes = written(flat);
    const header = bytes.indexOf(V2.begins);
    expect(bytes[header + V2.nulls]).toBe(0);
    bytes[header + field] = MINUS_TWO;
    expect((await refusal(read(writeInput("x.parquet", bytes)))).message).toContain(message);
  });

  test("has no dictionary of more values than bytes", async () => {
    const data = Float32Array.from({ length: 100 }, (_, i) => i % 2);
    const bytes = written({ columnData: [{ name: "v", data, type: "FLOAT" }] });
    const header = bytes.indexOf(0x4c);
    expect(bytes[header + 2]).toBe(4);
    bytes[header + 2] = 2 * 60;
    expect((await refusal(read(writeInput("x.parquet", bytes)))).message).toContain("a dictionary declares 60 values");
  });
});

test("a table of features has values in its rows", async () => {
  const features = writeInput("x.npy", npyBytes(npyLiteral("<f4", "(1000000000000000, 0)"), new Uint8Array(0)));
  const input = await openInput(writeInput("w.npy", npyBytes(npyLiteral("<f4", "(1, 1)"), floats(1))), { features });
  expect((await refusal(input.features())).message).toContain("'--features' expected rows of 1 values");
  await input.close();
});
