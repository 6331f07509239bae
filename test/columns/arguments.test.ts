import { describe, expect, test } from "vitest";
import type { ConditionOptions } from "../../src/answers/options.ts";
import { build } from "../../src/train/index.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";

const COLUMNS = {
  category: { type: "string", values: ["b", "a", null, "c", "b"] },
  price: { type: "number", values: [2, -1.5, 7, null, 0] },
  stock: { type: "boolean", values: [true, null, false, true, true] },
} as const;

const fileOf = (options: object): Promise<Uint8Array<ArrayBuffer>> =>
  build({ data: randomRows(5 * 3, 1), shape: [5, 3] }, { bits: 1, calibrate: "off", ...options });
const FILE = await fileOf({ columns: COLUMNS, namespaces: ["one", null, null, "one", "one"] });

describe("build", () => {
  test.each<[what: string, options: object, message: string]>([
    [
      "a value of another type",
      { columns: { a: { type: "number", values: [1, 2, "x", 4, 5] } } },
      '"columns.a.values"[2] expected a number or null, got "x"',
    ],
    [
      "an infinite number",
      { columns: { a: { type: "number", values: [1, 2, 3, 4, 1 / 0] } } },
      '"columns.a.values"[4] expected a finite number or null, got Infinity',
    ],
    [
      "too few values",
      { columns: { a: { type: "number", values: [1] } } },
      '"columns.a.values" expected 5 values, one for each class, got 1',
    ],
    [
      "a long string",
      { namespaces: ["x".repeat(65), null, null, null, null] },
      '"namespaces"[0] expected at most 64 bytes of UTF-8, got 65: shorten it',
    ],
    [
      "half a character",
      { namespaces: ["\ud800", null, null, null, null] },
      '"namespaces"[0] expected Unicode text, got an unpaired surrogate',
    ],
    [
      "a reserved name",
      { columns: { $a: { type: "number", values: [] } } },
      '"columns" expected names of 1 to 512 characters without ", the first not $, got "$a"',
    ],
    [
      "another type",
      { columns: { a: { type: "date", values: [] } } },
      '"columns.a.type" expected string, number, boolean, got "date"',
    ],
    [
      "a name that a column does not have",
      { columns: { a: { type: "number", values: [], unit: "EUR" } } },
      '"unit" is not an option of columns.a: it takes type, values',
    ],
    [
      "too many columns",
      { columns: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`c${i}`, {}])) },
      '"columns" expected at most 10 columns, got 11',
    ],
    ["no object", { columns: [] }, '"columns" expected an object of columns, got an array'],
  ])("refuses %s", async (_, options, message) => {
    await expect(fileOf(options)).rejects.toThrow(message);
  });
});

describe("a filter", () => {
  test.each<[what: string, conditions: object, message: string]>([
    [
      "an unknown column",
      { filter: { colour: 1 } },
      '"filter.colour" expected a column of the index: "category", "price", "stock"',
    ],
    [
      "the column of namespaces",
      { filter: { $namespace: "one" } },
      '"filter.$namespace" expected a column, and no name of one begins with $',
    ],
    [
      "another type",
      { filter: { price: { $lt: "80" } } },
      '"filter.price.$lt" expected a number, as column "price" has them, got "80"',
    ],
    [
      "another type in a list",
      { filter: { category: { $in: ["a", 1] } } },
      '"filter.category.$in" expected a string, as column "category" has them, got 1',
    ],
    [
      "a bound of true",
      { filter: { stock: { $lt: true } } },
      '"filter.stock.$lt" expected a string or a number, got true',
    ],
    [
      "NaN",
      { filter: { price: Number.NaN } },
      '"filter.price" expected a string of Unicode, a finite number, true, false or null, got NaN',
    ],
    ["half a character", { filter: { category: "\udc00" } }, '"filter.category" expected a string of Unicode'],
    [
      "an unknown operator",
      { filter: { price: { $near: 1 } } },
      '"filter.price.$near" expected an operator: one of $eq, $ne, $in, $nin, $lt, $lte, $gt, $gte',
    ],
    [
      "two upper bounds",
      { filter: { price: { $lt: 1, $lte: 2 } } },
      '"filter.price" expected one operator, or a lower and an upper bound, got $lt and $lte',
    ],
    [
      "no operator",
      { filter: { price: {} } },
      '"filter.price" expected one operator, or a lower and an upper bound, got none',
    ],
    [
      "a list without $in",
      { filter: { price: [1] } },
      '"filter.price" expected a value, or an object of operators, got an array',
    ],
    ["no list", { filter: { price: { $in: 1 } } }, '"filter.price.$in" expected an array of values, got number'],
    [
      "columns in a map",
      { filter: new Map([["category", "a"]]) },
      '"filter" expected an object of columns, got Map: pass what it holds',
    ],
    [
      "operators in a map",
      { filter: { price: new Map([["$lt", 1]]) } },
      '"filter.price" expected a value, or an object of operators, got Map: pass what it holds',
    ],
    ["no object", { filter: "price" }, '"filter" expected an object of columns, got string'],
    [
      "2,048 bytes",
      { filter: { category: "x".repeat(2033) } },
      '"filter" expected at most 2047 bytes of JSON, got 2048',
    ],
    [
      "2,048 bytes, as they were given",
      { filter: { category: { $in: [...Array(503).fill("x"), "x".repeat(11)] } } },
      '"filter" expected at most 2047 bytes of JSON, got 2048',
    ],
    [
      "2,048 bytes with $eq",
      { filter: { category: { $eq: "x".repeat(2025) } } },
      '"filter" expected at most 2047 bytes of JSON, got 2048',
    ],
    [
      "more values than fit",
      { filter: { category: { $in: Array(1024).fill("") } } },
      '"filter.category.$in" expected at most 2047 bytes of JSON, got 1024 values',
    ],
    [
      "more columns than fit",
      { filter: Object.fromEntries(Array.from({ length: 1024 }, (_, i) => [i, 0])) },
      '"filter" expected at most 2047 bytes of JSON, got 1024 names',
    ],
    ["a namespace of another type", { namespace: 1 }, '"namespace" expected a string of Unicode, got 1'],
    [
      "half a character for a namespace",
      { namespace: "\ud800" },
      '"namespace" expected a string of Unicode, got "\\ud800"',
    ],
  ])("with %s is refused by the name of the element", async (_, conditions, message) => {
    const { index } = await open(FILE);
    expect(() => index.topK([1, 2, 3], 1, conditions)).toThrow(message);
    const prefixed = message.replace('"', '"conditions[1].');
    const each = [{}, conditions] as ConditionOptions[];
    expect(() => index.predict([1, 2, 3, 1, 2, 3], 1, { batch: 2, conditions: each })).toThrow(prefixed);
    index.dispose();
  });

  test("is refused by an index without columns, and by each call that takes none", async () => {
    const { index } = await open(await fileOf({}));
    const without = '"filter.price" expected an index built with columns, got one without';
    expect(() => index.topK([1, 2, 3], 1, { filter: { price: 1 } })).toThrow(without);
    expect(() => index.topK([1, 2, 3], 1, { namespace: "one" })).toThrow(
      '"namespace" expected an index built with namespaces, got one without',
    );
    expect(() => index.score([1, 2, 3], [0], { filter: {} } as object as { batch: 1 })).toThrow(
      '"filter" is not an option of score',
    );
  });
});
