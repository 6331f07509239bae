import { describe, expect, test } from "vitest";
import { readVector } from "../../../src/cli/inputs/open.ts";
import { writeInput } from "../files.ts";
import { read, readChunks, readLabelled, refusal } from "./read-input.ts";

const jsonl = (...parts: string[]): string => writeInput("w.jsonl", Buffer.from(parts.join("")));

describe("a .jsonl input", () => {
  test.each([
    ["arrays", "[1, -2, 3.5]\n[0, 0.25, 1024]\n"],
    ["objects with values", '{"values": [1, -2, 3.5]}\n{"values": [0, 0.25, 1024]}\n'],
    ["objects with a vector", '{"vector": [1, -2, 3.5], "x": "[NaN"}\n{"x": 1, "vector": [0, 0.25, 1024]}'],
    ["objects with an embedding", '{"embedding": [1, -2, 3.5]}\n{"embedding": [0, 0.25, 1024]}\n'],
    [
      "objects with another key, the only list",
      '{"v": [1, -2, 3.5], "x": 1}\n{"v": [0, 0.25, 1024], "y": [1, 2, 3]}\n',
    ],
    ["both", '{"id": "a", "values": [1, -2, 3.5]}\n{"id": "b", "vector": [0, 0.25, 1024]}\n'],
    ["CRLF, a byte order mark and empty lines", "\ufeff[1, -2, 3.5]\r\n\r\n \r\n[0, 0.25, 1024]\r\n\r\n"],
  ])("gives the same six numbers: %s", async (_, text) => {
    expect(await read(jsonl(text))).toEqual({ values: [1, -2, 3.5, 0, 0.25, 1024], shape: [2, 3] });
  });

  test("gives the same rows in chunks of any size, from any row, over the pieces it is read in", async () => {
    const values = Array.from({ length: 40_000 * 2 }, (_, i) => (i % 1000) + 0.123456789);
    const lines = Array.from(
      { length: 40_000 },
      (_, row) => `{"é":"${row}","values":[${values[2 * row]},${values[2 * row + 1]}]}\n`,
    );
    const path = jsonl(...lines);
    const expected = Array.from(Float32Array.from(values));
    expect((await readChunks(path, 40_000)).flat()).toEqual(expected);
    expect((await readChunks(path, 999, 30_001)).flat()).toEqual(expected.slice(60_002));
  });

  test("takes the vector from the key that is named", async () => {
    const path = jsonl('{"values": [1], "v": [2]}\n');
    expect((await read(path)).values).toEqual([1]);
    expect((await read(path, { tensor: "v" })).values).toEqual([2]);
    expect((await refusal(read(path, { tensor: "w" }))).message).toContain('line 1 expected "w"');
  });

  test("needs to be told which key it is where several are usual", async () => {
    const path = jsonl('{"vector": [1]}\n{"vector": [1], "embedding": [2]}\n');
    const { code, message } = await refusal(read(path));
    expect(code).toBe("jsonl-row");
    expect(message).toContain('line 2 has "vector" and "embedding": have the vectors under "vector" alone');
    const named = await refusal(read(path, { takesFormat: true }));
    expect(named.message).toContain('line 2 has "vector" and "embedding": --tensor names the key of embeddings');
    const both = jsonl('{"vector": [1], "embedding": [2]}\n');
    expect((await read(both, { tensor: "embedding" })).values).toEqual([2]);
  });

  test.each([
    ["two lists of numbers", '{"a": [1, 2], "b": [1, 2]}\n', 'got "a", "b"'],
    ["integers that are items", '{"items": [1, 2], "at": 7}\n', "midx encode makes queries of items"],
    ["another list later", '{"a": [1, 2]}\n{"b": [1, 2]}\n', 'line 2 expected "a", got "b"'],
  ])("takes no other key for vectors with %s", async (_, text, message) => {
    expect((await refusal(read(jsonl(text)))).message).toContain(message);
  });

  test("takes the labels from the key that is named, by default id, and none without", async () => {
    const path = jsonl(
      '{"id": "a\\n1", "sku": 9007199254740991, "values": [1]}\n{"id": "é", "sku": -8, "values": [2]}\n',
    );
    expect(await readLabelled(path)).toEqual({ values: [1, 2], labels: ["a\n1", "é"] });
    expect(await readLabelled(path, { idField: "sku" })).toEqual({
      values: [1, 2],
      labels: ["9007199254740991", "-8"],
    });
    expect(await readLabelled(path, { idField: false })).toEqual({ values: [1, 2], labels: undefined });
    expect((await readLabelled(jsonl("[1]\n"))).labels).toBeUndefined();
  });

  test.each([
    [
      "an id that is missing later",
      '{"id": "a", "values": [1]}\n{"values": [2]}\n',
      "only one of line 2 and line 1 has an id",
    ],
    [
      "an id that is missing first",
      '{"values": [1]}\n{"id": "a", "values": [2]}\n',
      "only one of line 2 and line 1 has an id",
    ],
    ["an id that is an object", '{"id": {}, "values": [1]}\n', '"id" expected a text or an integer, got an object'],
    ["an id that is a fraction", '{"id": 1.5, "values": [1]}\n', '"id" expected a text or an integer, got 1.5'],
    [
      "an id that JSON rounds",
      '{"id": 12345678901234567890, "values": [1]}\n',
      '"id" expected a text or an integer of magnitude below 2^53, got 12345678901234567000: write such ids as texts',
    ],
    ["an id that is no text of Unicode", '{"id": "\\ud800", "values": [1]}\n', 'line 1 "id" expected'],
    ["rows of other lengths", "[1, 2]\n\n[3]\n", "line 3 has 1 values, expected 2"],
    ["text among values", '[1, 2]\n[3, "4"]\n', 'line 2 value 1 expected a number, got "4"'],
    ["a value that is true", "[true]\n", "value 0 expected a number"],
    ["a list in a list", "[1]\n[[1]]\n", "line 2 value 0 expected a number, got an array"],
    [
      "an array of all rows",
      "[[1], [2]]\n",
      "it looks like one JSON array of all rows: write each row on a line of its",
    ],
    ["an array of all rows, over lines", '[\n  {"values": [1]}\n]\n', "of its own: jq -c '.[]' "],
    ["an object without a vector", '{"value": [1]}\n', 'line 1 expected "values" or "vector" or "embedding"'],
    ["a key of every object", '{"constructor": [1]}\n', "line 1 expected"],
    ["a vector that is text", '{"values": "[1]"}\n', 'line 1 "values" expected an array of numbers, got "[1]"'],
    ["a number", "[1]\n2\n", 'line 2 expected an array or an object, got "2"'],
    ["an array over lines", "[\n1,\n2]\n", "line 1 expected an array or an object"],
    ["a program", "[1]\n[(() => 2)()]\n", "line 2 expected an array or an object"],
    ["a line that is cut off", "[1, 2]\n[3, ", "line 2 expected"],
    ["no line", "", "text-empty"],
    ["empty lines", "\n\r\n \n", "text-empty"],
    ["nulls alone", '{"values": null}\n', "text-empty"],
  ])("refuses %s", async (_, text, message) => {
    const path = jsonl(text);
    const outcome = await refusal(read(path));
    expect(outcome.code).toMatch(/^(jsonl|text)-/);
    expect(outcome.message).toContain(path);
    expect(outcome.message).toContain(message);
  });

  test("names the keys of a line that lacks the one with labels", async () => {
    expect((await refusal(read(jsonl('{"id": "a", "values": [1]}\n'), { idField: "sku" }))).message).toContain(
      'line 1 expected "sku", got "id", "values": --id-field names the key of labels',
    );
  });

  test("refuses arrays where a key is named", async () => {
    expect((await refusal(read(jsonl("[1]\n"), { idField: "sku" }))).message).toContain(
      'line 1 expected an object with "sku"',
    );
  });

  test.each([
    ["[1, 2]\n[3, NaN]\n", "NaN"],
    ["[1, 2]\n[3, null]\n", "NaN"],
    ["[1, 2]\n[3, -Infinity]\n", "NaN"],
    ["[1, 2]\n[3, 1e39]\n", "1e+39 does not fit into f32"],
    ["[1, 2]\n[3, 1e999]\n", "Infinity"],
    ['{"values": [1, 2]}\n{"values": [3, NaN], "text": "a \\" NaN"}\n', "NaN"],
  ])("names the line of a value that is not finite: %j", async (text, message) => {
    const outcome = await refusal(read(jsonl(text)));
    expect(outcome.code).toBe("value-not-finite");
    expect(outcome.message).toContain("line 2, column 1");
    expect(outcome.message).toContain(message);
  });

  test("names the line of a vector that is null", async () => {
    const outcome = await refusal(read(jsonl('{"values": null}\n{"values": [1, 2]}\n')));
    expect(outcome.message).toContain("line 1, column 0: NaN");
  });

  test("refuses bytes that are not UTF-8 by their line, and a line without an end before it is all in memory", async () => {
    const latin = writeInput("w.jsonl", '{"values": [1]}\n{"values": [1], "x": "caf\xe9"}\n');
    expect(await refusal(read(latin))).toMatchObject({ code: "text-utf8", message: expect.stringContaining("line 2") });
    const endless = jsonl("[1]\n[", "1,".repeat(2 ** 22));
    expect(await refusal(read(endless))).toMatchObject({
      code: "text-line",
      message: expect.stringContaining("line 2"),
    });
  });

  test("holds counts as well", async () => {
    expect(await readVector(jsonl("[1]\n[7]\n"))).toEqual(Float32Array.of(1, 7));
    expect((await refusal(readVector(jsonl("[1, 2]\n")))).message).toContain("one number per class");
  });
});
