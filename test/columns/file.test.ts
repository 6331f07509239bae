import { describe, expect, test } from "vitest";
import type { FormatError } from "../../src/bytes/format-error.ts";
import { build } from "../../src/train/index.ts";
import { type RawFile, readRaw, writeRaw } from "../fixtures/index-file.ts";
import { open } from "../fixtures/open.ts";
import { inTurn } from "../run/turns.ts";
import { randomRows } from "../train/rows.ts";

// Five classes, and columns of every type: the strings of the first have 5 bytes.

const MATRIX = { data: randomRows(5 * 3, 1), shape: [5, 3] as [number, number] };
const COLUMNS = {
  category: { type: "string", values: ["b", "aé", null, "c", "b"] },
  price: { type: "number", values: [2, -1.5, 7, Number.NaN, -0] },
  stock: { type: "boolean", values: [true, null, false, true, true] },
} as const;
const LIST = '[["category","string",3,5],["price","number",4],["stock","boolean",2],["$namespace","string",1,3]]';

const fileOf = (options: object): Promise<Uint8Array<ArrayBuffer>> =>
  build(MATRIX, { bits: 1, calibrate: "off", ...options });
const raw = readRaw(await fileOf({ columns: COLUMNS, namespaces: ["one", null, null, "one", "one"] }));

/** The bytes of a tensor in the file. */
function bytesOf({ data, tensors }: RawFile, name: string): Uint8Array {
  const { data_offsets } = tensors[name] as RawFile["tensors"][string];
  return data.subarray(...data_offsets);
}

/** The file with other bytes in a tensor, and right checksums. */
function withBytes(name: string, at: number, ...bytes: number[]): Uint8Array {
  const copy = { ...raw, data: raw.data.slice() };
  bytesOf(copy, name).set(bytes, at);
  return writeRaw(copy);
}

const withList = (list: string): Uint8Array =>
  writeRaw({ ...raw, metadata: { ...raw.metadata, "columns.list": list } });

const doubles = (...values: number[]): number[] => Array.from(new Uint8Array(Float64Array.from(values).buffer));

const refusalOf = (file: Uint8Array): Promise<FormatError> =>
  open(file).then(
    () => expect.unreachable("the file was opened"),
    (error: FormatError) => error,
  );

describe("the section of columns", () => {
  test("has a list, and a dictionary and codes for each column", () => {
    expect(raw.metadata.sections).toMatch(/ report\/1\/ignore columns\/1\/ignore$/);
    expect(raw.metadata["columns.list"]).toBe(LIST);
    expect(Object.keys(raw.tensors).filter((name) => name.startsWith("columns."))).toEqual([
      ...["columns.0.codes", "columns.0.offsets", "columns.0.text", "columns.1.codes", "columns.1.numbers"],
      ...["columns.2.codes", "columns.3.codes", "columns.3.offsets", "columns.3.text"],
    ]);
    expect(new TextDecoder().decode(bytesOf(raw, "columns.0.text").subarray(0, 5))).toBe("aébc");
    const numbers = bytesOf(raw, "columns.1.numbers").slice();
    expect(Array.from(new Float64Array(numbers.buffer, 0, 4))).toEqual([-1.5, 0, 2, 7]);
  });

  test.each<[damage: string, file: Uint8Array, code: string, message: RegExp]>([
    [
      "a code of no value",
      withBytes("columns.0.codes", 0, 4),
      "tensor-value",
      /"columns.0.codes" \[0\] expected 0..3, got 4/,
    ],
    [
      "a value of no class",
      withBytes("columns.2.codes", 0, 3),
      "tensor-value",
      /"columns.2.codes" \[0\] expected 0..2/,
    ],
    ["bytes behind the codes", withBytes("columns.0.codes", 5, 1), "tensor-padding", /"columns.0.codes"/],
    [
      "numbers that fall",
      withBytes("columns.1.numbers", 0, ...doubles(3)),
      "tensor-value",
      /numbers" \[1\] expected asc/,
    ],
    [
      "a negative zero",
      withBytes("columns.1.numbers", 8, ...doubles(-0)),
      "tensor-value",
      /numbers" \[1\] expected asc/,
    ],
    ["an infinite number", withBytes("columns.1.numbers", 24, ...doubles(1 / 0)), "tensor-value", /\[3\] expected asc/],
    ["no number", withBytes("columns.1.numbers", 24, ...doubles(Number.NaN)), "tensor-value", /\[3\] expected asc/],
    ["bytes that are not UTF-8", withBytes("columns.0.text", 1, 0xff), "label-text", /"columns.0.text" of row 0/],
    ["strings out of order", withBytes("columns.0.text", 0, 100), "label-order", /offsets" expected ascending texts/],
    ["offsets that fall", withBytes("columns.0.offsets", 4, 9), "label-offsets", /"columns.0.offsets" \[1\]/],
    ["bytes behind the text", withBytes("columns.0.text", 5, 1), "tensor-padding", /"columns.0.text"/],
    ["a list that is no JSON", withList("[["), "metadata-value", /"columns.list" expected/],
    ["no column", withList("[]"), "metadata-value", /"columns.list"/],
    ["another type", withList(LIST.replace("number", "date")), "metadata-value", /"columns.list"/],
    ["a reserved name", withList(LIST.replace("price", "$price")), "metadata-value", /"columns.list"/],
    ["a name twice", withList(LIST.replace("price", "category")), "metadata-value", /"columns.list"/],
    ["more values than classes", withList(LIST.replace('r",4', 'r",6')), "metadata-value", /"columns.list"/],
    ["JSON of another form", withList(LIST.replace(",", ", ")), "metadata-value", /"columns.list" expected/],
  ])("with %s is refused by name", async (_, file, code, message) => {
    const fault = await refusalOf(file);
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(message);
  });

  test("refuses a value that no class has", async () => {
    const codes = bytesOf(raw, "columns.0.codes");
    const at = codes.indexOf(1);
    const fault = await refusalOf(withBytes("columns.0.codes", at, 2));
    expect([fault.code, fault.message]).toEqual(["tensor-value", expect.stringContaining("has no class of code 1")]);
  });

  test("with any byte changed is refused, or is another table of the same columns", async () => {
    const { names, ids } = {
      names: Object.keys(raw.tensors).filter((name) => name.startsWith("columns.")),
      ids: [0, 1, 2, 3, 4],
    };
    const seen = new Set<string>();
    for (const name of names) {
      for (const [at, byte] of inTurn([...bytesOf(raw, name).entries()], 2, name)) {
        for (const bit of [1, 128]) {
          const outcome = await open(withBytes(name, at, byte ^ bit)).then(
            ({ index }) => {
              const values = index.metadata(ids);
              for (const price of values.map((each) => each.price as number)) {
                const { ids: found } = index.topK([1, 2, 3], 5, { filter: { price: price ?? null } });
                expect(found.length).toBe(values.filter((each) => each.price === price).length);
              }
              return "opened";
            },
            (error: FormatError) => error.code,
          );
          seen.add(outcome);
        }
      }
    }
    expect([...seen].sort()).toEqual([
      "label-offsets",
      "label-order",
      "label-text",
      "opened",
      "tensor-padding",
      "tensor-value",
    ]);
  });

  test("takes codes of as many bytes as its values need", async () => {
    const itemCount = 70_000;
    const values = Float64Array.from({ length: itemCount }, (_, id) => id / 4);
    const columns = {
      wide: { type: "number", values },
      middle: { type: "number", values: values.map((value) => value % 100) },
    } as const;
    const data = new Float32Array(itemCount);
    const file = await build({ data, shape: [itemCount, 1] }, { columns, bits: 0, calibrate: "off" });
    const { tensors } = readRaw(file);
    expect([tensors["columns.0.codes"]?.dtype, tensors["columns.1.codes"]?.dtype]).toEqual(["I32", "U16"]);
    const { index } = await open(file, { maxK: itemCount });
    const { ids } = index.topK([1], 10, { filter: { wide: { $gte: 17000, $lt: 17001 }, middle: { $ne: 0 } } });
    expect(Array.from(ids).sort()).toEqual([68001, 68002, 68003]);
  });
});
