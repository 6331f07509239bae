import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyChanges } from "../../../src/changes/index.ts";
import { encodeLoggedSet } from "../../../src/changes/logged-set.ts";
import { folderSegments } from "../../../src/cli/segments/folder-segments.ts";
import { load } from "../../../src/index.ts";
import { SegmentLog } from "../../../src/publication/segments/segment-log.ts";
import { midx } from "../run.ts";

const DIM = 3;
const rowOf = (i: number): number[] => Array.from({ length: DIM }, (_, d) => Math.sin(i * 7 + d));
const table = (from: number, to: number): string =>
  Array.from(
    { length: to - from },
    (_, i) => `${JSON.stringify({ id: `item ${from + i}`, vector: rowOf(from + i) })}\n`,
  ).join("");

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "midx-compact-"));
  writeFileSync(at("items.jsonl"), table(0, 60));
  writeFileSync(at("new.jsonl"), table(60, 63));
  writeFileSync(at("gone.txt"), "item 5\nitem 61\n");
  const build = ["build", at("items.jsonl"), "--calibrate", "off", "-o", at("items.midx")];
  expect(await midx(build)).toMatchObject({ code: 0 });
  const changes = ["changes", at("items.midx")];
  expect(await midx([...changes, at("new.jsonl"), "-o", at("a.midxd")])).toMatchObject({ code: 0 });
  const second = ["--removals", at("gone.txt"), "--after", "1", "-o", at("b.midxd")];
  expect(await midx([...changes, ...second])).toMatchObject({ code: 0 });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** All classes, best first. */
async function ranking(file: Uint8Array, ...sets: Uint8Array[]): Promise<(readonly [string, number])[]> {
  const index = await load(file, { maxDelta: 10 });
  for (const set of sets) applyChanges(index, set);
  const { ids, scores } = index.topK(Float32Array.of(1, 0.5, 2), 100, { exact: true });
  return index.labels(ids).map((label, i) => [label, scores[i] as number]);
}

test("an index and files of changes become a new index", async () => {
  const argv = ["compact", at("items.midx"), "--changes", at("a.midxd"), at("b.midxd"), "-o", at("new.midx")];
  const made = await midx(argv);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(made.stdout).toMatch(/itemCount +61\nkept +59\nreplaced +0\nremoved +1\nadded +2\nsequence +2\ncoded +2\n/);
  expect(made.stdout).toMatch(/calibration +measured\ncurves +none\n/);
  const changes = ["a", "b"].map((name) => new Uint8Array(readFileSync(at(`${name}.midxd`))));
  expect(await ranking(readFileSync(at("new.midx")))).toEqual(
    await ranking(readFileSync(at("items.midx")), ...changes),
  );
  const { stdout } = await midx(["inspect", at("new.midx")]);
  expect(stdout).toContain("changes up to 2; calibration measured, recall curves none");
  const reported = JSON.parse((await midx([...argv, "--calibrate", "carry", "--json"])).stdout);
  expect(reported).toMatchObject({ event: "compacted", calibration: "none", added: 2 });
  expect(reported.newIds.slice(4, 7)).toEqual([4, -1, 5]);
});

test("a file that was written for the same state as the one before it is refused, and nothing of it is lost in silence", async () => {
  const again = at("again.midxd");
  expect(await midx(["changes", at("items.midx"), "--removals", at("gone.txt"), "-o", again])).toMatchObject({
    code: 0,
  });
  const argv = ["compact", at("items.midx"), "--changes", at("a.midxd"), again, "-o", at("lost.midx")];
  const { code, stderr } = await midx(argv);
  expect([code, stderr]).toEqual([
    2,
    `error: ${again}: expected changes behind 1, since ${at("a.midxd")} has those up to there, got changes up to 1, which would be skipped: write them with --after 1, or leave the file out\n`,
  ]);
  expect(existsSync(at("lost.midx"))).toBe(false);
});

test("the published version and the log become the next version, and the log is trimmed to what the version before needs", async () => {
  const store = ["--folder", at("public"), "--json"];
  const published = await midx(["publish", at("items.midx"), "--as", "first", ...store]);
  expect(published).toMatchObject({ code: 0 });
  const nothing = await midx(["compact", "--log", at("log"), "--folder", at("public")]);
  expect(nothing.stdout).toBe(
    `the log ${at("log")} has no changes, so first stays: folder ${at("public")}: current.json\n`,
  );
  const log = new SegmentLog(folderSegments(at("log")), "");
  await log.append(
    encodeLoggedSet({ upserts: { labels: ["item 60", "item 61"], rows: [...rowOf(60), ...rowOf(61)] } }),
  );
  await log.append(encodeLoggedSet({ removals: ["item 7"] }));
  const compact = async (...options: string[]) => {
    const { code, stdout, stderr } = await midx(["compact", "--log", at("log"), ...store, ...options]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout.trimEnd().split("\n").at(-1) as string);
  };
  expect(await compact("--as", "second")).toMatchObject({
    ...{ event: "published", version: "second", previous: "first", sequence: 2, added: 2, removed: 1 },
    trimmed: 0, // "first" can still be served, and needs all of it
  });
  expect(await compact()).toMatchObject({ event: "current", version: "second", trimmed: 0 });
  await log.append(encodeLoggedSet({ removals: ["item 8"] }));
  expect(await compact("--as", "third")).toMatchObject({ previous: "second", sequence: 3, trimmed: 2 });
  expect(await new SegmentLog(folderSegments(at("log")), "").read(2)).toMatchObject({ head: 3, first: 3 });
  const rolledBack = await midx(["rollback", "--log", at("log"), ...store]);
  expect(JSON.parse(rolledBack.stdout.trimEnd().split("\n").at(-1) as string)).toMatchObject({
    version: "second",
    sequence: 2,
    changedLabels: 0, // the third change removes a class
  });
  const toFirst = ["rollback", "--to", "first", ...store];
  expect(await midx([...toFirst, "--log", at("log")])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      `error: version first needs the changes behind 0, and the log, ${at("log")}, no longer has those up to 2, so a service`,
    ),
  });
  expect(await midx([...toFirst, "--log", at("another log")])).toMatchObject({ code: 0 });
  const { code, stderr } = await midx(["compact", "--log", at("log"), ...store]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr:
      "error: the log expected the changes from 1 on, which follow the published version, got those from 3 on: build a new index of the whole table, and publish it with midx publish --sequence\n",
  });
  const rebuilt = ["publish", at("items.midx"), "--as", "rebuilt", "--sequence", "3", ...store];
  const early = await midx(rebuilt.map((word) => (word === "3" ? "2" : word === "rebuilt" ? "early" : word)));
  expect(early).toMatchObject({ code: 0 });
  const renumbered = await midx(rebuilt.map((word) => (word === "rebuilt" ? "early" : word)));
  expect([renumbered.code, renumbered.stderr]).toEqual([
    1,
    expect.stringContaining("is this file with the changes of the log up to 2, not 3: choose another name"),
  ]);
  expect(await midx(rebuilt)).toMatchObject({ code: 0 });
  await log.append(encodeLoggedSet({ removals: ["item 9"] }));
  expect(await compact()).toMatchObject({ previous: "rebuilt", sequence: 4, removed: 1 });
});

test("a log that cannot be trimmed does not hide that the version is published", async () => {
  const store = ["--folder", at("public"), "--json"];
  const log = new SegmentLog(folderSegments(at("log")), "");
  const upserts = { labels: ["item 70"], rows: rowOf(70), metadata: [{ page: "seventy" }] };
  await log.append(encodeLoggedSet({ upserts }));
  expect(await midx(["compact", "--log", at("log"), "--as", "fourth", ...store])).toMatchObject({ code: 0 });
  await log.append(encodeLoggedSet({ removals: ["item 10"] }));
  writeFileSync(at("log/metadata"), "a file in the place of a folder");
  const { code, stderr } = await midx(["compact", "--log", at("log"), "--as", "fifth", ...store]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /^error: fifth is the current version, and the log was not trimmed: .*log.metadata.*: compact again, which trims it\n$/,
    ),
  });
  rmSync(at("log/metadata"));
  const { stdout } = await midx(["compact", "--log", at("log"), ...store]);
  expect(JSON.parse(stdout)).toMatchObject({ event: "current", version: "fifth", trimmed: 5 });
});

test("a compacted file says itself which changes it has", async () => {
  const publish = ["publish", at("new.midx"), "--folder", at("other"), "--json"];
  const refused = await midx([...publish, "--sequence", "3"]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("'--sequence' expected 2, as the compacted file says, or nothing, got 3");
  const { stdout } = await midx([...publish, "--sequence", "2"]);
  expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) as string)).toMatchObject({ sequence: 2 });
});

test("contradictions and other files are refused by name", async () => {
  const refused: readonly (readonly [string[], string])[] = [
    [[], "expected an index file, or '--log'"],
    [["--log", at("log"), "-o", at("x.midx")], "'--output' expected an index file beside it"],
    [[at("items.midx"), "--log", at("log")], "'--log' expected no index file"],
    [[at("items.midx"), "-o", at("x.midx")], "'midx compact' expected '--changes' beside an index file"],
    [[at("items.midx"), "--changes", at("a.midxd")], "'midx compact' expected '--output' beside an index file"],
    [
      [at("items.midx"), "--changes", at("b.midxd"), "-o", at("x.midx")],
      "'--changes'[0] expected those that follow 0, got 2 to 2",
    ],
    [[at("items.midx"), "--changes", at("a.midxd"), "-o", at("items.midx")], "--output"],
    ...["--as third", "--folder public", "--s3-endpoint http://127.0.0.1:9", "--remote", "--force"].map(
      (option): readonly [string[], string] => [
        [at("items.midx"), "--changes", at("a.midxd"), "-o", at("x.midx"), ...option.split(" ")],
        `'${option.split(" ")[0]}' expected '--log' beside it: an index file is compacted into another file`,
      ],
    ),
    [
      ["--log", at("log"), "--folder", at("nothing"), "--s3-endpoint", "http://127.0.0.1:9"],
      "'--s3-endpoint' expected '--log' with s3://bucket/prefix beside it, got a folder",
    ],
    [["--log", at("log"), "--folder", at("nothing")], "has no published version: midx publish puts one there"],
  ];
  for (const [argv, message] of refused) {
    const { code, stderr } = await midx(["compact", ...argv]);
    expect({ argv, code, stderr }).toMatchObject({
      stderr: expect.stringContaining(message),
    });
    expect(code).not.toBe(0);
  }
});

test("changes that are damaged, or another file, are told apart", async () => {
  const bytes = readFileSync(at("a.midxd"));
  const flipped = Uint8Array.from(bytes, (byte, i) => (i === bytes.length - 20 ? byte ^ 1 : byte));
  writeFileSync(at("cut.midxd"), bytes.subarray(0, 600));
  writeFileSync(at("flipped.midxd"), flipped);
  const reasons = {
    "cut.midxd": /cut\.midxd: .* \(file-truncated at byte 600\)/,
    "flipped.midxd": /flipped\.midxd: .* does not match its checksum/,
    "new.jsonl": /new\.jsonl: it looks like JSON, not a file of changes: pass one that midx changes or midx diff wrote/,
    "items.midx": /items\.midx: it looks like an index that midx build wrote, not a file of changes: pass one/,
  };
  for (const [name, reason] of Object.entries(reasons)) {
    const argv = ["compact", at("items.midx"), "--changes", at(name), "-o", at("x.midx")];
    expect(await midx(argv), name).toMatchObject({ code: 3, stderr: expect.stringMatching(reason) });
  }
});
