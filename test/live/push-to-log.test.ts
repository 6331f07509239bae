import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { decodeLoggedSet } from "../../src/changes/index.ts";
import { folderSegments } from "../../src/cli/segments/folder-segments.ts";
import { SegmentLog } from "../../src/publication/segments/segment-log.ts";
import { bundleCli } from "../cli/bundle.ts";
import { makeFolder } from "../cli/files.ts";
import { startS3 } from "../cli/publishing/s3-server.ts";
import { midx } from "../cli/run.ts";
import { EVERY } from "../run/size.ts";
import { startServe } from "./serve-process.ts";
import { BEARER } from "./served-log.ts";

// midx push --log: changes are written to a log while no service runs.

let bundle: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  bundle = await bundleCli();
});
afterAll(() => bundle.remove());

const COLUMNS = ["--columns", "price:number"];
const rowOf = (i: number): number[] => [0, 1, 2, 3].map((d) => Math.sin(7 * i + d * d));
const item = (i: number, more: object = {}): string =>
  `${JSON.stringify({ id: `item ${i}`, vector: rowOf(i), price: i, ...more })}\n`;
const items = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => item(from + i)).join("");

async function succeed(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await midx(argv);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** An index, of one file or in parts, with a log that nobody serves, and ways to write changes and to push them. */
async function shop(...options: readonly string[]) {
  const folder = makeFolder();
  const at = (name: string): string => join(folder, name);
  const write = (name: string, text: string): string => {
    writeFileSync(at(name), text);
    return at(name);
  };
  const areParts = options.includes("--parts");
  // A file with the name of a pointer: its first bytes tell what it is.
  const index = at(areParts ? "items/manifest.json" : "items.json");
  const build = ["build", write("old.jsonl", items(0, 60)), "--calibrate", "off", ...COLUMNS, ...options];
  await succeed(...build, "-o", areParts ? at("items") : index);
  return {
    ...{ at, write, index },
    async changes(name: string, rows: string, ...more: string[]): Promise<string> {
      const table = write(`${name}.jsonl`, rows);
      await succeed("changes", index, table, ...COLUMNS, ...more, "-o", at(`${name}.midxd`));
      return at(`${name}.midxd`);
    },
    push: (changes: string, ...more: string[]) =>
      midx(["push", changes, "--log", at("log"), "--index", index, "--json", ...more]),
    /** The sets of the log, in their order. */
    async sets() {
      const { sets } = await new SegmentLog(folderSegments(at("log")), "").read(0);
      return sets.map(({ bytes }) => decodeLoggedSet(bytes));
    },
    async serve() {
      const argv = [index, "--log", at("log"), "--write-token-file", write("token.txt", BEARER.authorization.slice(7))];
      const server = await startServe("Node", bundle.cli, argv);
      onTestFinished(() => server.end("SIGTERM"));
      return server;
    },
  };
}

test.each(EVERY ? [["one file"], ["parts", "--parts", "3"]] : [["parts", "--parts", "3"]])(
  "a service that starts later has the changes, once, however often they are pushed: %s",
  async (_, ...options) => {
    const { write, changes, push, sets, serve } = await shop(...options);
    const gone = write("gone.txt", "item 3\nitem 59\n");
    const file = await changes("some", item(7, { price: 70 }) + items(60, 62), "--removals", gone);
    const first = await push(file);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(first.stdout)).toEqual({ sets: 2, upserts: 3, removals: 2, mutationId: "2" });
    expect(await push(file)).toEqual(first);
    expect((await sets()).map(({ upserts, removals }) => [upserts?.labels ?? [], removals])).toEqual([
      [["item 7", "item 60", "item 61"], []],
      [[], ["item 3", "item 59"]],
    ]);
    const server = await serve();
    const ask = { vector: rowOf(60), k: 60, exact: true, filter: { price: { $gte: 57 } } };
    const { body } = await server.post("/v1/predict", ask);
    expect(body.mutation).toBe(2);
    expect((body.labels as string[]).toSorted()).toEqual(["item 57", "item 58", "item 60", "item 61", "item 7"]);
  },
);

test("commands and a service that write at the same time lose nothing", async () => {
  const { changes, push, sets, serve } = await shop();
  const files = [
    await changes("a", items(60, 65)),
    await changes("b", items(70, 75)),
    await changes("c", items(80, 85)),
  ];
  const server = await serve();
  const upserts = Array.from({ length: 8 }, (_, i) =>
    server.post("/v1/upsert", { labels: [`new ${i}`], rows: [rowOf(100 + i)] }, BEARER),
  );
  const pushed = await Promise.all(files.map((file) => push(file)));
  for (const { code, stderr } of pushed) expect([code, stderr]).toEqual([0, ""]);
  for (const { status } of await Promise.all(upserts)) expect(status).toBe(200);
  const labels = (await sets()).flatMap(({ upserts: given }) => given?.labels ?? []);
  const of = (from: number): string[] => Array.from({ length: 5 }, (_, i) => `item ${from + i}`);
  const expected = [...of(60), ...of(70), ...of(80), ...upserts.map((_, i) => `new ${i}`)];
  expect(labels.toSorted()).toEqual(expected.toSorted());
});

test("what a service refuses is refused in the same words, and nothing of it is in the log", async () => {
  const own = await shop("--space", "minilm-2");
  const other = await shop("--space", "minilm-3", "--bits", "2");
  const foreign = await other.changes("foreign", item(60), "--space", "minilm-3");
  const refused = await own.push(foreign);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    `error: ${foreign}: set 1 of 1, upserts 1 to 1: 400 invalid_field: "space" expected "minilm-2", the space of the index, ` +
      'got "minilm-3": rows of two spaces cannot be compared\n',
  ]);
  const long = await own.changes("long", item(60, { vector: rowOf(60).map((x) => 900 * x) }));
  expect((await own.push(long)).stderr).toContain('400 invalid_field: "rows[0]" expected a norm of at most');
  expect(await own.sets()).toEqual([]);
});

test("a file that is larger than the room stops there, and goes on where it stopped", async () => {
  const { changes, push, sets } = await shop();
  const file = await changes("many", items(60, 60 + 1200));
  const full = await push(file, "--max-delta", "1100");
  expect(full.code).toBe(1);
  expect(full.stderr).toMatch(
    /set 2 of 2, upserts 1001 to 1200: 507 delta_full: .*midx compact.*; then run the command again, which goes on here; the sets before it are in the log, up to mutation 1\n$/,
  );
  expect(JSON.parse((await push(file, "--max-delta", "2000")).stdout)).toMatchObject({ sets: 2, mutationId: "2" });
  expect(await sets()).toHaveLength(2);
});

test("a set that never fits is divided, in its order, once, and goes on behind a compaction", async () => {
  const { at, write, changes, sets } = await shop();
  write("gone.txt", "item 3\n");
  await succeed("publish", at("items.json"), "--folder", at("published"), "--as", "one");
  const file = await changes("five", items(60, 65), "--removals", at("gone.txt"));
  const argv = [
    "push",
    file,
    "--log",
    at("log"),
    "--index",
    at("published/current.json"),
    "--max-delta",
    "4",
    "--json",
  ];
  const full = await midx(argv);
  expect(full.stderr).toMatch(/set 1 of 2, upserts 4 to 5: 507 delta_full: .*up to mutation 2\n$/);
  await succeed("compact", "--folder", at("published"), "--log", at("log"), "--calibrate", "carry");
  const whole = { sets: 4, upserts: 5, removals: 1, mutationId: "4" };
  expect(JSON.parse(await succeed(...argv))).toEqual(whole);
  expect(JSON.parse(await succeed(...argv))).toEqual(whole);
  const pushed = (await sets()).map(({ upserts, removals }) => [...(upserts?.labels ?? []), ...removals]);
  expect(pushed).toEqual([["item 60"], ["item 61", "item 62"], ["item 63", "item 64"], ["item 3"]]);
});

test.each([
  ["more", 2, 50],
  ["less", 4, 2],
])("under a limit that is then %s, no class of a file is written twice", async (_, first, then) => {
  const { changes, push, sets } = await shop();
  const file = await changes("five", items(60, 65));
  const full = await push(file, "--max-delta", String(first));
  expect(full.stderr).toContain("507 delta_full");
  const before = (await sets()).length;
  await push(await changes("newer", item(60, { price: 7 })), "--max-delta", "50"); // somebody else changes the first one
  await push(file, "--max-delta", String(then));
  expect(await push(file, "--max-delta", "50")).toMatchObject({ code: 0 });
  const written = (await sets()).map(({ upserts }) => upserts?.labels);
  expect(before).toBeGreaterThan(0);
  expect(written[before]).toEqual(["item 60"]);
  expect(written.toSpliced(before, 1).flat()).toEqual([60, 61, 62, 63, 64].map((i) => `item ${i}`));
});

test("changes of a published manifest go on behind a compaction", async () => {
  const { at, changes, push } = await shop("--parts", "2");
  expect(await push(await changes("first", items(60, 62)))).toMatchObject({ code: 0 });
  await succeed("publish", at("items/manifest.json"), "--folder", at("published"), "--as", "one");
  await succeed("compact", "--folder", at("published"), "--log", at("log"), "--calibrate", "carry");
  const current = at("published/current.json");
  const next = await succeed("changes", current, at("first.jsonl"), ...COLUMNS, "-o", at("next.midxd"), "--json");
  expect(JSON.parse(next)).toMatchObject({ after: 1, sequence: 2 });
  const pushed = await succeed("push", at("next.midxd"), "--log", at("log"), "--index", current, "--json");
  expect(JSON.parse(pushed)).toMatchObject({ mutationId: "2" });
});

test("a log in a bucket is written below its prefix", async () => {
  const { changes, index } = await shop();
  const file = await changes("some", items(60, 62));
  const [id, secret] = ["0123456789abcdef", "fedcba9876543210/+="];
  const bucket = await startS3("words", id, secret);
  onTestFinished(() => bucket.close());
  const env = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
  const argv = ["push", file, "--log", "s3://words/shop/log", "--index", index, "--s3-endpoint", bucket.url, "--json"];
  for (let run = 0; run < 2; run++) {
    const { code, stdout, stderr } = await midx(argv, { env });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ mutationId: "1" });
  }
  expect([...bucket.objects.keys()].filter((key) => !key.includes("/keys/")).sort()).toEqual(
    ["000000000001.set", "conditions"].map((name) => `shop/log/${name}`),
  );
});

const REFUSED: readonly [options: string[], message: string][] = [
  [["--log", "log"], "'--log' expected '--index' beside it, the index that the changes are checked by"],
  [[], "expected either '--url' with the address of a service, or '--log' with the place of a log"],
  [["--url", "http://localhost:1", "--log", "log"], "expected either '--url' with the address of a service"],
  [["--url", "http://localhost:1", "--index", "a.midx"], "'--index' expected '--log' beside it"],
  [["--url", "http://localhost:1", "--max-delta", "9"], "'--max-delta' expected '--log' beside it"],
  [["--log", "log", "--index", "s3://words/items.midx"], "'--index' expected a path on this machine, got s3://words/"],
];

test("options without those that they need, or beside others, are refused by name", async () => {
  const { changes } = await shop();
  const file = await changes("some", item(60));
  for (const [options, message] of REFUSED) {
    const { code, stderr } = await midx(["push", file, ...options]);
    expect([code, stderr], options.join(" ")).toEqual([2, expect.stringContaining(message)]);
  }
});

test("an index that is not there, and one that the log does not fit, are named", async () => {
  const { at, changes, push, write } = await shop();
  const file = await changes("some", item(60));
  const missing = await midx(["push", file, "--log", at("log"), "--index", at("nothing.midx")]);
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing.midx: there is no such file") });
  const folder = await midx(["push", file, "--log", at("log"), "--index", at("")]);
  expect(folder.stderr).toContain(`error: ${at("")}: expected a file, got a folder`);
  expect(await push(file)).toMatchObject({ code: 0 });
  const wide = write("wide.jsonl", `${JSON.stringify({ id: "a", vector: [1, 2, 3] })}\n`);
  await succeed("build", wide, "--calibrate", "off", "-o", at("wide.midx"));
  const unfit = await midx(["push", file, "--log", at("log"), "--index", at("wide.midx")]);
  expect(unfit.code).toBe(1);
  expect(unfit.stderr).toContain("wide.midx: the index does not take change 1 of the log:");
});
