import { type ColumnMetaData, parquetMetadata } from "hyparquet";
import { ByteWriter, parquetWriteBuffer } from "hyparquet-writer";
import { writeMetadata } from "hyparquet-writer/src/metadata.js";
import { expect, test } from "vitest";
import { checkDeltas, checkSharedTexts } from "../../../src/cli/inputs/parquet/delta.ts";
import { InflationBudget } from "../../../src/cli/inputs/parquet/inflation.ts";
import { writeInput } from "../files.ts";
import { read, refusal } from "./read-input.ts";

// Small files that would make the decoder allocate gigabytes or compute for minutes.

/** Returns a .parquet file with these metadata and without data. */
function withMetadata(...metadata: readonly (number | Uint8Array)[]): string {
  const bytes = Buffer.concat(metadata.map((part) => (typeof part === "number" ? Buffer.of(part) : part)));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.byteLength);
  return writeInput("x.parquet", Buffer.concat([Buffer.from("PAR1"), bytes, length, Buffer.from("PAR1")]));
}

const varint = (value: number): Uint8Array => {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) | 128);
    if (rest < 128) return Uint8Array.from(bytes);
  }
};
const repeated = (bytes: Uint8Array, count: number): Uint8Array =>
  Buffer.concat(Array.from({ length: count }, () => bytes));

async function expectCheapRefusal(path: string, code: string): Promise<void> {
  const before = { memory: process.memoryUsage().rss, time: process.threadCpuUsage() };
  expect((await refusal(read(path))).code).toBe(code);
  const { user, system } = process.threadCpuUsage(before.time);
  expect(process.memoryUsage().rss - before.memory).toBeLessThan(2 ** 27);
  expect((user + system) / 1e6).toBeLessThan(3);
}

test("lists of lists that each claim 30 million elements are refused before one of them is allocated", async () => {
  const list = Buffer.concat([Buffer.of(0xf9), varint(30_000_000)]);
  await expectCheapRefusal(withMetadata(0x19, repeated(list, 24)), "parquet-file");
});

test("a number of a megabyte is refused, which would take quadratic time", async () => {
  const number = Buffer.concat([new Uint8Array(2 ** 20).fill(0xff), Buffer.of(0)]);
  await expectCheapRefusal(withMetadata(0x16, number, 0), "parquet-file");
});

test("structures in structures and columns in columns are refused beyond a depth", async () => {
  await expectCheapRefusal(withMetadata(new Uint8Array(2 ** 20).fill(0x1c)), "parquet-file");
  const column = Buffer.of(0x48, 1, 0x61, 0x15, 2, 0);
  const count = 20_000;
  const schema = Buffer.concat([Buffer.of(0x29, 0xfc), varint(count), repeated(column, count)]);
  await expectCheapRefusal(withMetadata(schema, 0x16, 0, 0x19, 0x0c, 0), "parquet-file");
});

test("two columns of one name are refused", async () => {
  const data = Float32Array.of(1, 2);
  const bytes = Buffer.from(
    parquetWriteBuffer({ columnData: ["a", "b"].map((name) => ({ name, data, type: "FLOAT" })) }),
  );
  for (let at = bytes.indexOf("b"); at >= 0; at = bytes.indexOf("b", at + 1)) bytes[at] = 0x61;
  expect(await refusal(read(writeInput("x.parquet", bytes)))).toMatchObject({ code: "parquet-file" });
});

test("deltas are walked as the decoder reads them, and refused where it would not end", () => {
  const good = Buffer.concat([varint(128), varint(4), varint(3), varint(2), varint(2), Buffer.of(0, 0, 0, 0)]);
  expect(checkDeltas(good, 0, 3)).toBe(good.byteLength);
  const refusals: readonly [Uint8Array, number, string][] = [
    [good, 4, "expected 4 deltas, got 3"],
    [good.subarray(0, -1), 3, "ends within its deltas"],
    [Buffer.concat([varint(128), varint(2 ** 31), good]), 3, "blocks of"],
    [Buffer.concat([varint(2 ** 30), varint(1), good]), 3, "blocks of"],
    [Buffer.concat([varint(128), varint(4), varint(3), new Uint8Array(11).fill(0xff)]), 3, "a number has more than"],
    [Buffer.concat([good.subarray(0, -4), Buffer.of(65, 0, 0, 0)]), 3, "deltas of 65 bits"],
  ];
  for (const [bytes, count, message] of refusals) expect(() => checkDeltas(bytes, 0, count)).toThrow(message);
});

test("texts that share their beginnings count what is copied for them", () => {
  const lengths = (first: number, count: number): Uint8Array =>
    Buffer.concat([varint(128), varint(1), varint(count), varint(2 * first), varint(0), Buffer.of(0)]);
  expect(checkSharedTexts(Buffer.concat([lengths(1000, 100), lengths(0, 100)]), 100)).toBe(100_000);
  const falling = Buffer.concat([varint(128), varint(1), varint(100), varint(2), varint(1), Buffer.of(0)]);
  expect(() => checkSharedTexts(Buffer.concat([falling, lengths(0, 100)]), 100)).toThrow("shares -");
});

test("all pages together inflate to no more than the file may, however often they are read", () => {
  const budget = new InflationBudget(0);
  const [first, second] = [{}, {}] as [Parameters<InflationBudget["take"]>[0], Parameters<InflationBudget["take"]>[0]];
  for (let reading = 0; reading < 3; reading++) {
    budget.restart(first);
    budget.take(first, 2 ** 27);
    budget.take(first, 2 ** 26);
  }
  budget.take(second, 2 ** 26);
  expect(() => budget.take(second, 1)).toThrow("inflate to more bytes");
});

/** Returns a column of lists whose chunk repeats its page `times` times. */
function withPages(times: number): Uint8Array {
  const schema = [
    { name: "root", num_children: 1 },
    { name: "v", repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", type: "FLOAT", repetition_type: "OPTIONAL" },
  ] as const;
  const columnData = [
    {
      name: "v",
      data: [
        [1, 2],
        [3, 4],
      ],
    },
  ];
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData, schema: [...schema], codec: "UNCOMPRESSED" }));
  const metadata = parquetMetadata(bytes.buffer);
  const part = metadata.row_groups[0]?.columns[0]?.meta_data as ColumnMetaData;
  const begin = Number(part.data_page_offset);
  const pages = bytes.subarray(begin, begin + Number(part.total_compressed_size));
  part.total_compressed_size *= BigInt(times);
  const writer = new ByteWriter();
  writer.appendBytes(bytes.subarray(0, begin));
  for (let i = 0; i < times; i++) writer.appendBytes(pages);
  writeMetadata(writer, metadata);
  writer.appendUint32(MAGIC);
  return writer.getBytes();
}
const MAGIC = 0x31524150;

test("pages behind the last value are looked at, too, as the decoder reads them", async () => {
  expect(await read(writeInput("x.parquet", withPages(1)))).toMatchObject({ values: [1, 2, 3, 4] });
  expect(await refusal(read(writeInput("x.parquet", withPages(2))))).toMatchObject({ code: "parquet-pages" });
});
