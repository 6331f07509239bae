import { expect, test } from "vitest";
import { FormatError } from "../../src/bytes/format-error.ts";
import { type ChangesFacts, changesFacts, changesMetadata } from "../../src/changes/changes-format.ts";

// What the header of a file of changes may say about columns and spaces, whatever its checksums are.

const PLAIN: ChangesFacts = {
  ...{ contentId: "0".repeat(64), dim: 4, rows: "i8", hasBias: false, hasResiduals: false, after: 0, sequence: 1 },
  ...{ labelCount: 2, upsertCount: 1, labelBytes: 9, columns: [], valueBytes: 0, space: "" },
};
const columns = [
  { name: "price", type: "number" },
  { name: "$namespace", type: "string" },
] as const;

test.each<[string, Partial<ChangesFacts>, string]>([
  ["1.0", {}, "1.0"],
  ["1.1 with columns", { columns, valueBytes: 12 }, "1.1"],
  ["1.1 with a space", { space: "model-1" }, "1.1"],
])("facts of version %s are read as they were written", (_, own, version) => {
  const facts = { ...PLAIN, ...own };
  const metadata = changesMetadata(facts);
  expect(metadata.formatVersion).toBe(version);
  expect(changesFacts(metadata)).toEqual(facts);
});

const good = changesMetadata({ ...PLAIN, columns, valueBytes: 12, space: "model-1" });
const list = (count: number): string => JSON.stringify(Array.from({ length: count }, (_, i) => [`c${i}`, "boolean"]));

test.each<[string, Record<string, string>, string]>([
  ["a column twice", { columns: '[["a","number"],["a","string"]]' }, "columns"],
  ["an unknown type", { columns: '[["a","date"]]' }, "columns"],
  ["a name that begins with $", { columns: '[["$a","string"]]' }, "columns"],
  ["namespaces that are numbers", { columns: '[["$namespace","number"]]' }, "columns"],
  ["a name that is a number", { columns: '[[1,"number"]]' }, "columns"],
  ["white space", { columns: '[["a", "number"]]' }, "columns"],
  ["no list", { columns: '{"a":"number"}' }, "columns"],
  ["no JSON", { columns: "price" }, "columns"],
  ["too many columns", { columns: list(12) }, "columns"],
  ["columns without values", { valueBytes: "0" }, "valueBytes"],
  ["values without columns", { columns: "[]" }, "valueBytes"],
  ["a space with white space", { space: "a b" }, "space"],
  ["a long space", { space: "a".repeat(65) }, "space"],
  ["version 1.1 without any of it", { columns: "[]", valueBytes: "0", space: "" }, "formatVersion"],
  ["a later version", { formatVersion: "1.2" }, "formatVersion"],
])("%s is refused by name", (_, wrong, name) => {
  expect(() => changesFacts({ ...good, ...wrong })).toThrow(FormatError);
  expect(() => changesFacts({ ...good, ...wrong })).toThrow(`"${name}" expected`);
});
