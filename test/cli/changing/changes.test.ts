import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyChanges, readChanges } from "../../../src/changes/index.ts";
import { load } from "../../../src/index.ts";
import { midx } from "../run.ts";

// A shop's tables as lines of JSON, from which the commands make changes, and an index that takes them.

const DIM = 3;
const rowOf = (i: number): number[] => Array.from({ length: DIM }, (_, d) => Math.sin(i * 7 + d));
const line = (id: string, row: number[]): string => `${JSON.stringify({ id, vector: row })}\n`;
const table = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => line(`item ${from + i}`, rowOf(from + i))).join("");

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "midx-changes-"));
  writeFileSync(at("old.jsonl"), table(0, 60));
  writeFileSync(
    at("new.jsonl"),
    table(2, 58) + line("item 58", [0.1, 0.2, 0.3]) + line("item 59", rowOf(59)) + table(60, 63),
  );
  writeFileSync(at("rows.jsonl"), line("item 58", [0.1, 0.2, 0.3]) + table(60, 63));
  writeFileSync(at("gone.txt"), "item 0\nitem 1\n");
  expect(await midx(["build", at("old.jsonl"), "--calibrate", "off", "-o", at("items.midx")])).toMatchObject({
    code: 0,
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

test("changes from a table and the difference of two tables are the same file", async () => {
  const made = await midx([
    "changes",
    at("items.midx"),
    at("rows.jsonl"),
    "--removals",
    at("gone.txt"),
    "-o",
    at("a.midxd"),
  ]);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(made.stdout).toMatch(/upserts +4\nremovals +2\nafter +0\nsequence +1\n/);
  const diff = ["diff", at("old.jsonl"), at("new.jsonl"), "--index", at("items.midx"), "-o", at("b.midxd")];
  expect(await midx(diff)).toMatchObject({ code: 0, stderr: "" });
  expect(readFileSync(at("b.midxd"))).toEqual(readFileSync(at("a.midxd")));
  expect(readChanges(readFileSync(at("a.midxd"))).removals).toEqual(["item 0", "item 1"]);
});

test("labels to remove that the index does not have are counted", async () => {
  writeFileSync(at("unknown.txt"), "item 0\nitem 00\nitem 60\n");
  const made = await midx(["changes", at("items.midx"), "--removals", at("unknown.txt"), "-o", at("u.midxd")]);
  expect(made).toMatchObject({
    code: 0,
    stderr:
      "note: the index has no class for 2 of the labels in '--removals': they remove nothing unless earlier changes added them\n",
  });
  expect(readChanges(readFileSync(at("u.midxd"))).removals).toHaveLength(3);
});

test("a difference from another table than that of the index is noted, unless files came before", async () => {
  const diff = ["diff", at("new.jsonl"), at("old.jsonl"), "--index", at("items.midx"), "-o", at("other.midxd")];
  const made = await midx(diff); // the tables are the wrong way round
  expect(made).toMatchObject({
    code: 0,
    stderr:
      `note: ${at("new.jsonl")}: 3 of its 61 labels are not in ${at("items.midx")}, and 2 of the 60 classes there are not in it: ` +
      "expected the table that the index was built from as <old>, or --after with the number of the changes that led to this one\n",
  });
  expect(await midx([...diff, "--after", "1"])).toMatchObject({ code: 0, stderr: "" });
});

test("the commands that ask apply changes", async () => {
  await midx(["changes", at("items.midx"), at("rows.jsonl"), "--removals", at("gone.txt"), "-o", at("c.midxd")]);
  const index = await load(readFileSync(at("items.midx")), { maxDelta: 10 });
  applyChanges(index, readFileSync(at("c.midxd")));
  const query = Float32Array.of(1, 0.5, 2);
  const vector = ["--vector", "[1, 0.5, 2]", "--seed", "3", "--json", "--changes", at("c.midxd")];
  const predicted = JSON.parse((await midx(["predict", at("items.midx"), "-k", "60", ...vector])).stdout);
  expect(predicted.ids).toEqual([...index.predict(query, 60, { seed: 3 }).ids]);
  expect(predicted.labels).toContain("item 62");
  expect(predicted.labels).not.toContain("item 0");
  const sampled = JSON.parse((await midx(["sample", at("items.midx"), "--draws", "5", ...vector])).stdout);
  expect(sampled.ids).toEqual([...index.sample(query, 5, { seed: 3 }).ids]);
  const decoded = JSON.parse((await midx(["decode", at("items.midx"), ...vector])).stdout);
  expect(decoded.id).toBe(index.decode(query, { seed: 3 }).id);
  writeFileSync(at("queries.jsonl"), line("a", rowOf(3)) + line("b", rowOf(5)));
  const evaluated = await midx([
    "eval",
    at("items.midx"),
    "--queries",
    at("queries.jsonl"),
    "--changes",
    at("c.midxd"),
    "--json",
  ]);
  expect(evaluated.code).toBe(0);
  index.dispose();
});

test("the commands that ask apply several files in their order, wherever they stand", async () => {
  const [one, two] = [at("one.midxd"), at("two.midxd")];
  await midx(["changes", at("items.midx"), at("rows.jsonl"), "-o", one]);
  await midx(["changes", at("items.midx"), "--removals", at("gone.txt"), "--after", "1", "-o", two]);
  const both = ["--changes", one, "--changes", two, at("items.midx")];
  const answer = await midx(["predict", ...both, "--vector", "[1, 0.5, 2]", "-k", "70", "--seed", "1", "--json"]);
  expect(answer).toMatchObject({ code: 0, stderr: "" });
  const { labels } = JSON.parse(answer.stdout);
  expect(labels).toContain("item 62");
  expect(labels).not.toContain("item 0");
  writeFileSync(at("queries.jsonl"), line("a", rowOf(3)));
  expect(await midx(["eval", ...both, "--queries", at("queries.jsonl"), "--json"])).toMatchObject({ code: 0 });
  const twice = await midx(["decode", "--changes", one, "--changes", one, at("items.midx"), "--vector", "[1, 2, 3]"]);
  expect(twice).toMatchObject({ code: 2 });
  expect(twice.stderr).toContain("one.midxd: expected changes behind 1");
});

test("changes may come through a pipe, and another file gets advice", async () => {
  await midx(["changes", at("items.midx"), at("rows.jsonl"), "-o", at("piped.midxd")]);
  execFileSync("mkfifo", [at("pipe")]);
  const argv = ["predict", at("items.midx"), "--vector", "[1, 0.5, 2]", "-k", "1", "--json", "--changes"];
  const [piped] = await Promise.all([
    midx([...argv, at("pipe")]),
    writeFile(at("pipe"), readFileSync(at("piped.midxd"))),
  ]);
  expect(piped).toMatchObject({ code: 0, stderr: "" });
  expect(await midx([...argv, at("rows.jsonl")])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(
      "rows.jsonl: it looks like JSON, not a file of changes: pass one that midx changes",
    ),
  });
});

test("verify and inspect know the file, and what is wrong with it", async () => {
  await midx(["changes", at("items.midx"), at("rows.jsonl"), "-o", at("d.midxd"), "--after", "4", "--sequence", "9"]);
  expect((await midx(["verify", at("d.midxd")])).stdout).toMatch(/^ok changes up to 9 of [0-9a-f]{64}\n$/);
  const inspected = JSON.parse((await midx(["inspect", at("d.midxd"), "--json"])).stdout);
  expect(inspected).toMatchObject({ after: 4, sequence: 9, dim: DIM, rowType: "i8", removals: [] });
  const bytes = readFileSync(at("d.midxd"));
  bytes[bytes.length - 20] = (bytes[bytes.length - 20] as number) ^ 1;
  writeFileSync(at("bad.midxd"), bytes);
  expect(await midx(["verify", at("bad.midxd")])).toMatchObject({ code: 3 });
  const asked = await midx(["predict", at("items.midx"), "--vector", "[1, 2, 3]", "--changes", at("d.midxd")]);
  expect(asked).toMatchObject({ code: 2 });
  expect(asked.stderr).toContain("changes 5 to 9 expected an index with those up to 4, got one with those up to 0");
});

test("a file of changes in the place of an index, or of a table, gets advice", async () => {
  await midx(["changes", at("items.midx"), at("rows.jsonl"), "-o", at("g.midxd")]);
  const asked = await midx(["predict", at("g.midxd"), "--vector", "[1, 2, 3]"]);
  expect([asked.code, asked.stderr]).toEqual([
    3,
    `error: ${at("g.midxd")}: it looks like changes that midx changes wrote, not an index: pass the index that it is for: commands that ask it apply changes with --changes, and midx push sends them to a service (foreign-file at byte 0)\n`,
  ]);
  const built = await midx(["build", at("g.midxd"), "--format", "safetensors", "-o", at("h.midx")]);
  expect(built.stderr).toContain("the rows in it are those of an index: pass the table that it was made from");
});

test("a row that is too large for the index is noted, since only a compaction takes it", async () => {
  writeFileSync(at("tall.jsonl"), line("item 0", rowOf(0)) + line("item 1", [1, 70_000, 1]));
  const made = await midx(["changes", at("items.midx"), at("tall.jsonl"), "-o", at("tall.midxd")]);
  expect(made.code).toBe(0);
  expect(made.stderr).toMatch(
    /^note: row 1, "item 1", expected a norm of at most [\d.]+, which is 4 times the largest of the file, got 70000[\d.]*: midx compact takes the file, and --changes of other commands refuses it\n$/,
  );
  const asked = ["predict", at("items.midx"), "--vector", "[1,2,3]", "--changes", at("tall.midxd")];
  expect((await midx(asked)).stderr).toContain("expected a norm of at most");
  const compacted = ["compact", at("items.midx"), "--changes", at("tall.midxd"), "-o", at("tall.midx")];
  expect(await midx(compacted)).toMatchObject({ code: 0, stderr: "" });
});

test("errors name rows, lines and options, not the fields of a change set", async () => {
  writeFileSync(at("long.jsonl"), line("item 0", rowOf(0)) + line("x".repeat(1025), rowOf(1)));
  writeFileSync(at("large.jsonl"), line("item 0", rowOf(0)) + line("item 1", [1, 70_000, 1]));
  writeFileSync(at("both.txt"), "item 9\nitem 60\n");
  const halves = ["build", at("old.jsonl"), "--row-type", "f16", "--calibrate", "off", "-o", at("f16.midx")];
  expect(await midx(halves)).toMatchObject({ code: 0 });
  writeFileSync(at("bias.csv"), "1\n".repeat(60));
  const biased = ["build", at("old.jsonl"), "--bias", at("bias.csv"), "--calibrate", "off", "-o", at("biased.midx")];
  expect(await midx(biased)).toMatchObject({ code: 0 });
  for (const [index, options, message] of [
    ["items", [at("long.jsonl")], "the label of row 1 expected a label of at most 1024 bytes"],
    ["f16", [at("large.jsonl")], "row 1, column 1: expected a magnitude of at most 65504 for rows of f16, got 70000"],
    ["biased", [at("rows.jsonl")], "'--bias' expected 4 values, since the index has biases, got none"],
    ["items", [at("rows.jsonl"), "--columns", "id:string"], "'--columns' expected an index built with columns"],
    ["items", [at("rows.jsonl"), "--namespace-field", "id"], "'--namespace-field' expected an index built with"],
    [
      "items",
      [at("rows.jsonl"), "--removals", at("both.txt")],
      `'--removals', line 2, expected a label that no upsert has, got "item 60": use two sets`,
    ],
  ] as const) {
    const { code, stderr } = await midx(["changes", at(`${index}.midx`), ...options, "-o", at("e.midxd")]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`error: ${message}`) });
  }
});

test("a table without labels, and nothing to change, are refused", async () => {
  writeFileSync(at("plain.csv"), "x,y,z\n4,5,6\n");
  const unnamed = await midx(["changes", at("items.midx"), at("plain.csv"), "-o", at("e.midxd")]);
  expect(unnamed).toMatchObject({ code: 2 });
  expect(unnamed.stderr).toContain("expected labels of the rows");
  const removals = ["changes", at("items.midx"), "--removals", at("gone.txt"), "-o", at("e.midxd")];
  for (const option of ["--columns", "--labels", "--metadata"]) {
    const { code, stderr } = await midx([...removals, option, "price:number"]);
    expect([code, stderr]).toEqual([2, `error: '${option}' expected a table of rows beside it\n`]);
  }
  const empty = await midx(["changes", at("items.midx"), "-o", at("e.midxd")]);
  expect(empty).toMatchObject({ code: 2 });
  expect(empty.stderr).toContain("expected a table of rows, or '--removals'");
});
