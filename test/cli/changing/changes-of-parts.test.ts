import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readChanges } from "../../../src/changes/index.ts";
import { midx } from "../run.ts";

// Changes of a manifest: written for its parts, and applied to them by the commands that ask.

const DECLARED = ["--columns", "price:number", "--namespace-field", "team"];
const LABELLED = ["--space", "model-1", "--calibrate", "off", "--row-type", "f32"];
/** Compactions measure nothing anew but where they are compared with one index. */
const CARRY = ["--calibrate", "carry"];
const rowOf = (i: number): number[] => [0, 1, 2, 3].map((d) => Math.sin(7 * i + d * d));
const line = (i: number, price: number | undefined = i, times = 1): string =>
  `${JSON.stringify({ id: `item ${i}`, vector: rowOf(i).map((x) => times * x), price, team: i % 2 ? "a" : "b" })}\n`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => line(from + i)).join("");

let folder: string;
let [parts, whole] = ["", ""];
const at = (name: string): string => join(folder, name);
const write = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};
const newFolder = (name: string): string => {
  mkdirSync(at(name));
  return at(name);
};
async function succeed(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await midx(argv);
  expect(code, stderr).toBe(0);
  return stdout;
}
/** Asks the parts, and one index of all classes with the changes that were written for it. */
async function bothAnswers(command: string, ...options: string[]): Promise<unknown[]> {
  const ask = async (index: string, changes: string) =>
    JSON.parse(
      await succeed(command, index, "--changes", changes, "--vector", "[1, 0.5, 2, -1]", ...options, "--json"),
    );
  return [await ask(parts, at("parts.midxd")), await ask(whole, at("whole.midxd"))];
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "midx-changes-of-parts-"));
  const old = write("old.jsonl", lines(0, 60));
  write("new.jsonl", lines(2, 30) + line(30, 1.5) + lines(31, 63));
  write("rows.jsonl", line(30, 1.5) + lines(60, 63));
  write("gone.txt", "item 0\nitem 1\n");
  await succeed("build", old, ...DECLARED, ...LABELLED, "--parts", "3", "-o", at("parts"));
  await succeed("build", old, ...DECLARED, ...LABELLED, "-o", at("whole.midx"));
  [parts, whole] = [at("parts/manifest.json"), at("whole.midx")];
  for (const [index, name] of [
    [parts, "parts"],
    [whole, "whole"],
  ] as const) {
    const removals = ["--removals", at("gone.txt"), "--space", "model-1"];
    await succeed("changes", index, at("rows.jsonl"), ...DECLARED, ...removals, "-o", at(`${name}.midxd`));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

test("changes and a difference for a manifest hold what those for one index hold, under the name of its parts", async () => {
  const [ofParts, ofOne] = ["parts", "whole"].map((name) => readChanges(readFileSync(at(`${name}.midxd`))));
  expect({ ...ofParts, contentId: "" }).toEqual({ ...ofOne, contentId: "" });
  expect(ofParts).toMatchObject({ after: 0, sequence: 1, columns: ["price", "$namespace"], space: "model-1" });
  expect(ofParts?.contentId).not.toBe(ofOne?.contentId);
  const diff = ["diff", at("old.jsonl"), at("new.jsonl"), "--index", parts, ...DECLARED, "--space", "model-1"];
  expect(await midx([...diff, "-o", at("diff.midxd")])).toMatchObject({ code: 0, stderr: "" });
  expect(readFileSync(at("diff.midxd"))).toEqual(readFileSync(at("parts.midxd")));
});

test("a difference from another table than that of the parts is noted, with the classes of all of them", async () => {
  const turned = ["diff", at("new.jsonl"), at("old.jsonl"), "--index", parts, ...DECLARED, "-o", at("turned.midxd")];
  const { code, stderr } = await midx(turned);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(
    `3 of its 61 labels are not in ${parts}, and 2 of the 60 classes there are not in it: expected the table`,
  );
});

test("the commands that ask apply changes of a manifest, with the answers of one index", async () => {
  const [predicted, expected] = await bothAnswers("predict", "--exact", "-k", "70");
  const { ids, labels, scores } = expected as { ids: number[]; labels: string[]; scores: number[] };
  expect(predicted).toMatchObject({ ids, labels, scores });
  expect(labels).toHaveLength(61);
  expect(labels).toEqual(expect.arrayContaining(["item 30", "item 60", "item 62"]));
  const filtered = await bothAnswers("predict", "--exact", "-k", "70", "--filter", '{"price": {"$gte": 59}}');
  for (const each of filtered as { labels: string[] }[]) {
    expect(each.labels.toSorted()).toEqual(["item 59", "item 60", "item 61", "item 62"]);
  }
  const [decoded, one] = await bothAnswers("decode", "--min-p", "0.2", "--seed", "4");
  expect(decoded).toMatchObject({ label: (one as { label: string }).label });
  const queries = write("queries.jsonl", lines(3, 6));
  const evaluated = await succeed("eval", parts, "--changes", at("parts.midxd"), "--queries", queries, "--json");
  expect(JSON.parse(evaluated)).toMatchObject({ index: { itemCount: 63 }, queries });
});

test("several files are applied in their order, and one that does not follow is refused by name", async () => {
  const [one, two] = [at("one.midxd"), at("two.midxd")];
  await succeed("changes", parts, at("rows.jsonl"), "-o", one);
  await succeed("changes", parts, "--removals", at("gone.txt"), "--after", "1", "-o", two);
  const asked = ["predict", parts, "--vector", "[1, 2, 3, 4]", "-k", "70", "--exact", "--json"];
  const { labels } = JSON.parse(await succeed(...asked, "--changes", one, "--changes", two));
  expect(labels).toContain("item 62");
  expect(labels).not.toContain("item 0");
  const late = await midx([...asked, "--changes", two]);
  expect(late).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("two.midxd: changes 2 to 2 expected an index"),
  });
});

test("changes of one index are refused by the parts, and those of parts by one of them", async () => {
  const swapped = [
    [parts, at("whole.midxd")],
    [whole, at("parts.midxd")],
  ] as const;
  for (const [index, changes] of swapped) {
    const { code, stderr } = await midx(["predict", index, "--changes", changes, "--vector", "[1, 2, 3, 4]"]);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain(`${changes}: `);
    expect(stderr).toContain("content id");
  }
});

test("what the parts do not take is refused by the name of the option", async () => {
  const changes = ["changes", parts, at("rows.jsonl"), "-o", at("refused.midxd")];
  const unknown = await midx([...changes, "--columns", "team:string"]);
  expect(unknown).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("'--columns' expected columns of the index:"),
  });
  const other = await midx([...changes, "--space", "model-2"]);
  expect(other.stderr).toContain('\'--space\' expected "model-1", the space of the index, got "model-2"');
  const long = write("long.jsonl", line(60, 1, 1000));
  const noted = await midx(["changes", parts, long, "-o", at("long.midxd")]);
  expect(noted.code, noted.stderr).toBe(0);
  expect(noted.stderr).toMatch(
    /^note: row 0, "item 60", expected a norm of at most .*: --changes refuses the file: build/m,
  );
});

test("parts without labels take no changes", async () => {
  const rows = write("plain.csv", Array.from({ length: 40 }, (_, i) => `${rowOf(i).join(",")}\n`).join(""));
  await succeed("build", rows, "--parts", "2", "--calibrate", "off", "-o", at("plain"));
  const manifest = at("plain/manifest.json");
  const { code, stderr } = await midx(["changes", manifest, at("rows.jsonl"), "-o", at("none.midxd")]);
  expect([code, stderr]).toEqual([
    2,
    `error: ${manifest}: expected parts with labels, which say to which part a change goes, got parts without: build them with --labels or --id-field\n`,
  ]);
});

test("compacting the parts and their changes gives the parts of one index with these changes", async () => {
  const next = join(newFolder("next"), "manifest.json");
  const report = JSON.parse(
    (await succeed("compact", parts, "--changes", at("parts.midxd"), "-o", next, "--json"))
      .trim()
      .split("\n")
      .at(-1) as string,
  );
  expect(report).toMatchObject({
    event: "compacted",
    output: next,
    itemCount: 61,
    kept: 57,
    replaced: 1,
    removed: 2,
    added: 3,
  });
  await succeed("compact", whole, "--changes", at("whole.midxd"), ...CARRY, "-o", at("next.midx"));
  await succeed("verify", next);
  const ask = async (index: string, ...options: string[]) =>
    JSON.parse(
      await succeed("predict", index, "--vector", "[1, 0.5, 2, -1]", "--exact", "-k", "70", ...options, "--json"),
    );
  for (const filter of [[], ["--filter", '{"price": {"$gte": 59}}']]) {
    const [found, expected] = [await ask(next, ...filter), await ask(at("next.midx"), ...filter)];
    const scoresOf = ({ labels, scores }: { labels: string[]; scores: number[] }) =>
      new Map(labels.map((l, i) => [l, scores[i]]));
    expect(scoresOf(found)).toEqual(scoresOf(expected));
  }
  // The next changes follow, and parts that have none are not written again.
  await succeed("changes", next, "--removals", write("more.txt", "item 62\n"), "-o", at("next.midxd"));
  expect(readChanges(readFileSync(at("next.midxd")))).toMatchObject({ after: 1, sequence: 2 });
  const before = readdirSync(at("next"));
  await succeed("compact", next, "--changes", at("next.midxd"), ...CARRY, "-o", join(at("next"), "later.json"));
  const added = readdirSync(at("next")).filter((name) => !before.includes(name));
  expect(added.toSorted()).toEqual(["later.json", expect.stringMatching(/^part-000\d-[0-9a-f]{12}\.midx$/)]);
  const { labels } = await ask(join(at("next"), "later.json"));
  expect(labels).toHaveLength(60);
  expect(labels).not.toContain("item 62");
});

test("changes of something else are refused before anything is written", async () => {
  const output = join(newFolder("none"), "manifest.json");
  const other = await midx(["compact", parts, "--changes", at("whole.midxd"), "-o", output]);
  expect(other).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`${parts}: '--changes'[0] expected those of the parts with content id`),
  });
  const late = await midx(["compact", parts, "--changes", at("two.midxd"), "-o", output]);
  expect(late.stderr).toContain("'--changes'[0] expected those that follow 0, got 2 to 2");
  const ofParts = await midx(["compact", whole, "--changes", at("parts.midxd"), "-o", at("none.midx")]);
  expect(ofParts.stderr).toContain("expected those of the index with content id");
  expect(readdirSync(at("none"))).toEqual([]);
});

test("a published manifest is compacted into one that names its parts as a build does", async () => {
  const [published, output] = [newFolder("published"), newFolder("of-published")];
  await succeed("publish", parts, "--folder", published);
  const next = join(output, "manifest.json");
  await succeed("compact", join(published, "current.json"), "--changes", at("parts.midxd"), ...CARRY, "-o", next);
  await succeed("verify", next);
  // Where the compacted parts lie beside the published version, the others have no file there yet.
  const one = at("one-label.midxd");
  await succeed("changes", parts, "--removals", write("one-label.txt", "item 0\n"), "-o", one);
  const beside = join(published, "next.json");
  await succeed("compact", join(published, "current.json"), "--changes", one, ...CARRY, "-o", beside);
  await succeed("verify", beside);
  const files = () => readdirSync(published).filter((name) => name.endsWith(".midx"));
  expect(files()).toHaveLength(3);
  await succeed("publish", beside, "--folder", published);
  // Another compaction into its place removes the part that only this one named, and leaves what other manifests name.
  const kept = join(published, "kept.json");
  copyFileSync(beside, kept);
  const two = at("two-labels.midxd");
  await succeed("changes", parts, "--removals", write("two-labels.txt", "item 0\nitem 1\n"), "-o", two);
  const before = files();
  await succeed("compact", parts, "--changes", two, ...CARRY, "-o", beside);
  await succeed("verify", kept);
  expect(files()).toEqual(expect.arrayContaining(before));
  rmSync(kept);
  await succeed("compact", parts, "--changes", one, ...CARRY, "-o", beside);
  await succeed("verify", beside);
  expect(files().toSorted()).toEqual(before.toSorted());
});

test("parts that lose all classes have the same bytes, and a file each", async () => {
  const gone = write("most.txt", Array.from({ length: 40 }, (_, i) => `item ${i}\n`).join(""));
  await succeed("changes", parts, "--removals", gone, "-o", at("most.midxd"));
  const [emptied, moved] = [newFolder("emptied"), newFolder("moved")];
  const first = join(emptied, "manifest.json");
  await succeed("compact", parts, "--changes", at("most.midxd"), ...CARRY, "-o", first);
  await succeed("changes", first, "--removals", write("59.txt", "item 59\n"), "-o", at("59.midxd"));
  const second = join(moved, "manifest.json");
  await succeed("compact", first, "--changes", at("59.midxd"), ...CARRY, "-o", second);
  await succeed("verify", second);
  expect(readdirSync(moved)).toHaveLength(4);
});

test("removals of labels that no part has count as changes, as they do for one index", async () => {
  const numbered: (readonly number[])[] = [];
  for (const [index, next] of [
    [parts, at("nobody.json")],
    [whole, at("nobody.midx")],
  ] as const) {
    const removals = ["--removals", write("nobody.txt", "nobody\n")];
    await succeed("changes", index, ...removals, "--sequence", "7", "-o", at("nobody.midxd"));
    const report = await succeed("compact", index, "--changes", at("nobody.midxd"), ...CARRY, "-o", next, "--json");
    expect(JSON.parse(report.trim().split("\n").at(-1) as string)).toMatchObject({ sequence: 7, kept: 60, removed: 0 });
    await succeed("changes", next, ...removals, "-o", at("behind.midxd"));
    const { after, sequence } = readChanges(readFileSync(at("behind.midxd")));
    numbered.push([after, sequence]);
  }
  expect(numbered).toEqual([
    [7, 8],
    [7, 8],
  ]);
});

test("files of changes do not lower the number of the log that a publication has stated", async () => {
  const published = newFolder("at-41");
  await succeed("publish", parts, "--sequence", "41", "--folder", published);
  const next = join(published, "next.json");
  await succeed("compact", join(published, "current.json"), "--changes", at("parts.midxd"), ...CARRY, "-o", next);
  expect(JSON.parse(readFileSync(next, "utf8"))).toMatchObject({ log: { sequence: 41 } });
});
