import { type ParquetWriteOptions, parquetWriteBuffer } from "hyparquet-writer";
import { expect, test } from "vitest";
import { openInput } from "../../../src/cli/inputs/open.ts";
import { writeInput } from "../files.ts";
import { read, readLabelled, refusal } from "./read-input.ts";

// Types of columns whose values the decoder changes.

type Options = Omit<ParquetWriteOptions, "writer">;
type Element = NonNullable<Options["schema"]>[number];

const COUNT = 9;
const VALUES = Array.from({ length: COUNT }, (_, row) => row + 0.5);

/** Writes a column of values, and one more column as its element says. */
function tableWith(element: Element, data: readonly unknown[]): string {
  const x: Element = { name: "x", type: "DOUBLE", repetition_type: "REQUIRED" };
  const columnData = [
    { name: "x", data: VALUES },
    { name: element.name, data: [...data] },
  ];
  const schema = [{ name: "root", num_children: 2 }, x, element];
  return writeInput("w.parquet", new Uint8Array(parquetWriteBuffer({ schema, columnData } as Options)));
}

const decimals = (type: "INT32" | "INT64", scale: number): Element => ({
  ...{ name: "price", type, repetition_type: "OPTIONAL", converted_type: "DECIMAL", scale, precision: 9 },
});

test.each([1, 2, 3, 4])("decimals of %i places are the numbers that they look like", async (scale) => {
  const digits = Array.from({ length: COUNT }, (_, row) => 10 ** (scale - 1) * (row + 1) + row);
  const expected = digits.map((value) => Number(`${value}e-${scale}`));
  const path = tableWith(decimals("INT32", scale), [null, ...expected.slice(1)]);
  const input = await openInput(path, { columns: "price:number" });
  expect(await input.columns()).toMatchObject({ columns: { price: { values: [null, ...expected.slice(1)] } } });
  await input.close();
});

test("decimals of more digits than a number holds are refused with a remedy", async () => {
  const path = tableWith(
    decimals("INT64", 0),
    VALUES.map(() => 9_007_199_254_740_993n),
  );
  const message = 'column "price" expected decimals of at most 15 digits';
  expect((await refusal(openInput(path, { columns: "price:number" }))).message).toContain(message);
});

test("a column of a type that the decoder lacks is refused by its name, with a remedy", async () => {
  const element: Element = { name: "span", type: "FIXED_LEN_BYTE_ARRAY", type_length: 12, repetition_type: "REQUIRED" };
  const path = tableWith(
    { ...element, converted_type: "INTERVAL" },
    VALUES.map(() => new Uint8Array(12)),
  );
  const { message, code } = await refusal(openInput(path, { columns: "span:string" }).then((input) => input.columns()));
  expect(code).toBe("parquet-file");
  expect(message).toMatch(
    /column "span" can't be read \(.+\): cast the column to numbers or to text, or leave it out /,
  );
});

test("labels and texts that are not UTF-8 are refused by the name of their column", async () => {
  const blob: Element = { name: "id", type: "BYTE_ARRAY", repetition_type: "REQUIRED" };
  const bytes = VALUES.map((_, row) => Uint8Array.of(0xe9, row));
  const { message, code } = await refusal(readLabelled(tableWith(blob, bytes)));
  expect([code, message]).toEqual(["text-utf8", expect.stringContaining('column "id" is not valid UTF-8')]);
  const text = VALUES.map((_, row) => new TextEncoder().encode(`é${row}`));
  expect((await readLabelled(tableWith(blob, text))).labels?.[3]).toBe("é3");
});

test("an index of pandas is no value of the rows", async () => {
  const element: Element = { name: "__index_level_0__", type: "DOUBLE", repetition_type: "REQUIRED" };
  expect(
    (
      await read(
        tableWith(
          element,
          VALUES.map((_, row) => row),
        ),
      )
    ).values,
  ).toEqual(VALUES);
});

test("dates in columns are refused by their name and with a remedy", async () => {
  const dates = VALUES.map((_, row) => new Date(row * 1e9));
  const element: Element = {
    name: "sold",
    type: "INT64",
    repetition_type: "OPTIONAL",
    converted_type: "TIMESTAMP_MILLIS",
  };
  const { message } = await refusal(
    openInput(tableWith(element, [null, ...dates.slice(1)]), { columns: "sold:string" }),
  );
  expect(message).toContain('row 1, column "sold" expected a text, a number or a boolean, got a date: cast the column');
});

test.each([
  [
    "a date",
    { type: "INT64", converted_type: "TIMESTAMP_MILLIS" },
    () => new Date(1e12),
    "a date: cast the column to a text",
  ],
  ["a boolean", { type: "BOOLEAN" }, () => true, "true: cast the column to a text"],
  ["a fraction", { type: "DOUBLE" }, (row: number) => row + 0.5, "0.5: cast the column to a text"],
  ["no value", { type: "INT32" }, (row: number) => (row === 0 ? null : row), "no value"],
] as const)("a label that is %s is refused, and the message shows it", async (_, type, idOf, got) => {
  const element: Element = { name: "id", repetition_type: "OPTIONAL", ...type };
  const path = tableWith(
    element,
    VALUES.map((_, row) => idOf(row)),
  );
  expect((await refusal(readLabelled(path))).message).toContain(
    `row 0, column "id" expected a text or an integer, got ${got}`,
  );
});
