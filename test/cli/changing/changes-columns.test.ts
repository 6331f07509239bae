import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyChanges, readChanges } from "../../../src/changes/index.ts";
import { load } from "../../../src/index.ts";
import { midx } from "../run.ts";

// Tables with a price, a shop and a namespace for each row, as lines of JSON.

interface Item {
  readonly id: string;
  readonly price?: number;
  readonly shop?: { readonly city: string };
  readonly team?: string;
}

const OLD: readonly Item[] = Array.from({ length: 40 }, (_, i) => ({
  id: `item ${i}`,
  price: i,
  shop: { city: i % 2 ? "Oslo" : "Rome" },
  team: "a",
}));
/** One class is cheaper, one has no price any more, one is new, and one is gone. */
const NEW: readonly Item[] = [
  ...OLD.slice(1)
    .map((item) => (item.id === "item 3" ? { ...item, price: 1.5 } : item))
    .map(({ price, ...item }) => (item.id === "item 4" ? item : { ...item, ...(price !== undefined && { price }) })),
  { id: "new", shop: { city: "Bern" } },
];
const vectorOf = ({ id }: Item): number[] => [0, 1, 2].map((d) => Math.sin(7 * Number(id.slice(5) || 50) + d));
const lines = (items: readonly Item[]): string =>
  items.map((item) => `${JSON.stringify({ ...item, vector: vectorOf(item) })}\n`).join("");

const DECLARED = ["--columns", "price:number,shop.city:string", "--namespace-field", "team"];
let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "midx-changes-columns-"));
  writeFileSync(at("old.jsonl"), lines(OLD));
  writeFileSync(at("new.jsonl"), lines(NEW));
  writeFileSync(at("rows.jsonl"), lines(NEW.filter(({ id }) => ["item 3", "item 4", "new"].includes(id))));
  writeFileSync(at("gone.txt"), "item 0\n");
  const space = ["--space", "model-1"];
  const built = await midx([
    "build",
    at("old.jsonl"),
    ...DECLARED,
    ...space,
    "--calibrate",
    "off",
    "-o",
    at("items.midx"),
  ]);
  expect(built).toMatchObject({ code: 0 });
});
afterAll(() => rmSync(folder, { recursive: true }));

test("changes from a table and the difference of two tables have the values of the columns", async () => {
  const removals = ["--removals", at("gone.txt")];
  const made = await midx([
    "changes",
    at("items.midx"),
    at("rows.jsonl"),
    ...DECLARED,
    ...removals,
    "-o",
    at("a.midxd"),
  ]);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  const diff = await midx([
    "diff",
    at("old.jsonl"),
    at("new.jsonl"),
    ...DECLARED,
    "--index",
    at("items.midx"),
    "-o",
    at("b.midxd"),
  ]);
  expect(diff).toMatchObject({ code: 0, stderr: "" });
  expect(readFileSync(at("b.midxd"))).toEqual(readFileSync(at("a.midxd")));
  const index = await load(readFileSync(at("items.midx")), { maxDelta: 10 });
  applyChanges(index, readFileSync(at("a.midxd")));
  expect(index.metadata(index.idsOf(["item 3", "item 4", "new"]))).toEqual([
    { price: 1.5, "shop.city": "Oslo", $namespace: "a" },
    { "shop.city": "Rome", $namespace: "a" },
    { "shop.city": "Bern" },
  ]);
  const inspected = await midx(["inspect", at("a.midxd")]);
  expect(inspected.stdout).toMatch(/columns +price, shop.city, \$namespace\n/);
  const asked = ["--vector", "[1, 0, 0]", "--filter", '{"shop.city":"Bern"}', "--changes", at("a.midxd"), "--json"];
  expect(JSON.parse((await midx(["predict", at("items.midx"), ...asked])).stdout).labels).toEqual(["new"]);
});

test("metadata of a file of their own, and of the old table", async () => {
  const metadata = (items: readonly Item[]): string => items.map((item) => `${JSON.stringify(item)}\n`).join("");
  writeFileSync(at("old-metadata.jsonl"), metadata(OLD));
  writeFileSync(at("new-metadata.jsonl"), metadata(NEW));
  const tables = [at("old.jsonl"), at("new.jsonl"), "--index", at("items.midx"), "-o", at("c.midxd")];
  const files = ["--metadata", at("new-metadata.jsonl"), "--old-metadata", at("old-metadata.jsonl")];
  expect(await midx(["diff", ...tables, ...DECLARED, ...files])).toMatchObject({ code: 0, stderr: "" });
  expect(readFileSync(at("c.midxd"))).toEqual(readFileSync(at("a.midxd")));
});

test("columns of the index that no option names are named", async () => {
  const tables = ["diff", at("old.jsonl"), at("new.jsonl"), "--index", at("items.midx"), "-o", at("f.midxd")];
  const note = (names: string): string =>
    `note: the changes say nothing about values in ${names} (--columns, --namespace-field): replaced classes keep theirs, and ` +
    "new ones have none\n";
  expect((await midx(tables)).stderr).toContain(note('"price", "shop.city", $namespace'));
  expect((await midx([...tables, "--columns", "price:number"])).stderr).toContain(note('"shop.city", $namespace'));
  const removals = await midx(["changes", at("items.midx"), "--removals", at("gone.txt"), "-o", at("f.midxd")]);
  expect(removals).toMatchObject({ code: 0, stderr: "" });
});

test("a column that the index lacks, and another space, are refused by name", async () => {
  const unknown = await midx([
    "changes",
    at("items.midx"),
    at("rows.jsonl"),
    "--columns",
    "team:string",
    "-o",
    at("d.midxd"),
  ]);
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.stderr).toContain('\'--columns\' expected columns of the index: "price", "shop.city", got "team"');
  const other = await midx(["changes", at("items.midx"), at("rows.jsonl"), "--space", "model-2", "-o", at("d.midxd")]);
  expect(other).toMatchObject({ code: 2 });
  expect(other.stderr).toContain('\'--space\' expected "model-1", the space of the index, got "model-2"');
  const own = await midx(["changes", at("items.midx"), at("rows.jsonl"), "--space", "model-1", "-o", at("d.midxd")]);
  expect(own).toMatchObject({ code: 0 });
  expect(readChanges(readFileSync(at("d.midxd"))).space).toBe("model-1");
  expect(await midx(["build", at("old.jsonl"), "--space", "a b", "-o", at("e.midx")])).toMatchObject({ code: 2 });
});

test("parts and their manifest have the name of the space", async () => {
  const built = await midx([
    "build",
    at("old.jsonl"),
    "--parts",
    "2",
    "--space",
    "model-1",
    "--calibrate",
    "off",
    "-o",
    at("parts"),
  ]);
  expect(built).toMatchObject({ code: 0 });
  const manifest = JSON.parse(readFileSync(at("parts/manifest.json"), "utf8"));
  expect(manifest.facts.space).toBe("model-1");
  const part = await load(readFileSync(at(`parts/${manifest.parts[1].file}`)));
  expect(part.info.space).toBe("model-1");
});

test("a column of numbers that is no value of the rows is named, and so is the option that takes it", async () => {
  writeFileSync(at("rows.csv"), "id,x,y,z,price,shop.city\nitem 3,1,2,3,9.5,Bern\n");
  const table = ["changes", at("items.midx"), at("rows.csv")];
  expect(await midx([...table, "-o", at("none.midxd")])).toMatchObject({
    code: 2,
    stderr: `error: ${at("rows.csv")}: expected rows of 3 values, as in the index, got rows of 4, columns "x" to "price": name those that are no values of rows by '--columns'\n`,
  });
  const columns = ["--columns", "price:number,shop.city:string"];
  expect(await midx([...table, ...columns, "-o", at("priced.midxd")])).toMatchObject({ code: 0 });
  expect(readChanges(readFileSync(at("priced.midxd")))).toMatchObject({ upserts: ["item 3"] });
  const queries = await midx(["predict", at("items.midx"), "--queries", at("rows.csv"), "--row", "0"]);
  expect(queries.stderr).toBe(
    `error: ${at("rows.csv")}: expected rows of 3 values, as in the index, got rows of 4, columns "x" to "price"\n`,
  );
});
