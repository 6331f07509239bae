import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { bundleCli } from "../cli/bundle.ts";
import { bytesOf, makeFolder, npyBytes, npyLiteral } from "../cli/files.ts";
import { listenFor } from "../cli/publishing/listen.ts";
import { midx } from "../cli/run.ts";
import { EVERY } from "../run/size.ts";
import { type ServeProcess, startServe } from "./serve-process.ts";

// midx push: a file of changes at a service that accepts changes.

let bundle: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  bundle = await bundleCli();
});
afterAll(() => bundle.remove());

const TOKEN = "a-token-that-may-write";
const env = { MIDX_TOKEN: TOKEN };
const DECLARED = ["--columns", "price:number,shop.city:string", "--namespace-field", "team"];
const rowOf = (i: number, times = 1): number[] => Array.from({ length: 5 }, (_, d) => times * Math.sin(7 * i + d * d));
const item = (i: number, more: object = {}): string =>
  `${JSON.stringify({ id: `item ${i}`, vector: rowOf(i), price: i, shop: { city: "Rome" }, team: "a", ...more })}\n`;
const items = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => item(from + i)).join("");

/** Writes a bias for each line of a table. */
function biasesOf(path: string, table: string): string {
  const values = Float32Array.from(table.matchAll(/"item (\d+)"/g), ([, i]) => Math.cos(Number(i)));
  writeFileSync(path, npyBytes(npyLiteral("<f4", `(${values.length},)`), bytesOf(values)));
  return path;
}

async function made(argv: readonly string[]): Promise<void> {
  const { code, stderr } = await midx(argv);
  expect(code, stderr).toBe(0);
}

/** An index with columns, and a way to write and send changes of it. */
async function shop(...options: readonly string[]) {
  const folder = makeFolder();
  const at = (name: string): string => join(folder, name);
  const write = (name: string, text: string): string => {
    writeFileSync(at(name), text);
    return at(name);
  };
  const old = write("old.jsonl", items(0, 60));
  const bias = biasesOf(at("old-bias.npy"), items(0, 60));
  const areParts = options.includes("--parts");
  const index = at(areParts ? "items/manifest.json" : "items.midx");
  const build = ["build", old, "--bias", bias, "--calibrate", "off", "-o", areParts ? at("items") : index];
  await made([...build, ...DECLARED, ...options]);
  const token = write("token.txt", TOKEN);
  const log = ["--log", at("log"), "--write-token-file", token];
  return {
    ...{ at, write, index },
    async serve(...more: string[]): Promise<ServeProcess> {
      const server = await startServe("Node", bundle.cli, [index, ...log, ...more]);
      onTestFinished(() => server.end("SIGTERM"));
      return server;
    },
    diff: (next: string, ...more: string[]) =>
      made([
        ...["diff", old, write("next.jsonl", next), "--index", index],
        ...["--old-bias", bias, "--bias", biasesOf(at("next-bias.npy"), next)],
        ...DECLARED,
        ...[...more, "-o", at("items.midxd")],
      ]),
    push: (url: string) => midx(["push", at("items.midxd"), "--url", url, "--json"], { env }),
  };
}

/** The answer of a service, and that of the command to the same query with the file of changes. */
async function bothAnswers({ at, index }: Awaited<ReturnType<typeof shop>>, server: ServeProcess, minMutation: number) {
  const vector = rowOf(61, 20);
  const filter = { price: { $gte: 5 } };
  const { body } = await server.post("/v1/predict", { vector, k: 60, exact: true, filter, minMutation });
  const argv = ["predict", index, "--changes", at("items.midxd"), "--vector", JSON.stringify(vector)];
  const conditions = ["-k", "60", "--exact", "--filter", JSON.stringify(filter), "--json"];
  return [body, JSON.parse((await midx([...argv, ...conditions])).stdout)] as const;
}

const ROWS = [["i8", "--residuals"], ["f32", "--metric", "cosine"], ["i8", "--parts", "3"], ["f32"], ["f16"], ["i8"]];

test.each(EVERY ? ROWS : ROWS.slice(0, 3))(
  "a service with rows of %s answers as an index with the file of changes",
  async (rowType = "", ...options) => {
    const made = await shop("--row-type", rowType, ...options);
    await made.diff(items(4, 58) + item(58, { price: 1 }) + item(59, { vector: rowOf(70), team: "b" }) + items(60, 64));
    const server = await made.serve();
    const first = await made.push(server.url);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(first.stdout)).toEqual({ sets: 2, upserts: 6, removals: 4, mutationId: "2" });
    const [served, expected] = await bothAnswers(made, server, 2);
    // Rows of unit length are made that long again, which rounds them again.
    const scores = (expected.scores as number[]).map((score) =>
      options.includes("cosine") ? expect.closeTo(score, 5) : score,
    );
    expect(served).toMatchObject({ labels: expected.labels, scores });
    expect(served.labels).toEqual(expect.arrayContaining(["item 59", "item 63"]));
    expect(served.labels).not.toContain("item 58");

    expect(await made.push(server.url)).toEqual(first);
    const { body } = await server.post("/v1/predict", { vector: rowOf(0), k: 1, minMutation: 2 });
    expect(body.mutation).toBe(2);
  },
);

test("a file of another space is refused by name, before anything of it is applied", async () => {
  const [served, other] = [await shop("--space", "minilm-2"), await shop("--space", "minilm-3")];
  await other.diff(items(4, 62), "--space", "minilm-3");
  const server = await served.serve();
  const { code, stderr } = await other.push(server.url);
  expect([code, stderr]).toEqual([
    1,
    `error: ${other.at("items.midxd")}: set 1 of 2, upserts 1 to 2: 400 invalid_field: "space" expected "minilm-2", the space ` +
      'of the index, got "minilm-3": rows of two spaces cannot be compared\n',
  ]);
  const { body } = await server.post("/v1/predict", { vector: rowOf(0), k: 1 });
  expect(body.mutation).toBe(0);
});

test("a file that is larger than the room stops there, and goes on where it stopped", async () => {
  const made = await shop();
  // A set may be checked before the one before it is served, but no more sets than there is memory for: 2,500 rows.
  await made.diff(items(0, 60 + 4200));
  const small = await made.serve("--max-delta", "1500");
  const full = await made.push(small.url);
  expect(full.code).toBe(1);
  expect(full.stderr).toMatch(
    /set [23] of 5, upserts \d+ to \d+: 507 delta_full: .* publish a version .*midx compact.*; then run the command again, which goes on here; the sets before it are in the log, up to mutation [12]\n$/,
  );
  const large = await made.serve("--max-delta", "5000");
  const again = await made.push(large.url);
  expect(JSON.parse(again.stdout)).toEqual({ sets: 5, upserts: 4200, removals: 0, mutationId: "5" });
  const [served, expected] = await bothAnswers(made, large, 5);
  expect(served.labels).toEqual(expected.labels);
});

test("values that a log cannot hold are refused before anything is sent", async () => {
  const { at, write, push } = await shop();
  const rows = write("rows.jsonl", item(3));
  const bias = biasesOf(at("bias.npy"), item(3));
  const argv = ["changes", at("items.midx"), rows, "--bias", bias, "-o", at("items.midxd")];
  await made([...argv, "--columns", "price:number"]);
  const { code, stderr } = await push("http://127.0.0.1:9");
  expect([code, stderr]).toEqual([
    2,
    `error: ${at("items.midxd")}: the changes of "item 3" leave its value in the column "shop.city" open, and a log holds the ` +
      "values of all columns or of none: write the file with all of them (--columns)\n",
  ]);
});

test("a set waits for a service that is busy, and has the same key each time", async () => {
  const made = await shop();
  await made.diff(items(0, 61));
  const keys: unknown[] = [];
  const answers = [
    [429, { code: "rate_limited", detail: "too many requests" }],
    [503, { code: "overloaded", detail: "too many requests in flight" }],
    [200, { mutationId: "7", sequence: 7 }],
  ] as const;
  const service = await listenFor(async ({ headers }) => {
    const [status, body] = answers[keys.push(headers["idempotency-key"]) - 1] ?? [500, {}];
    return { status, headers: { "retry-after": "1" }, body: JSON.stringify(body) };
  });
  const { code, stdout, stderr } = await made.push(service.url);
  expect([code, JSON.parse(stdout).mutationId]).toEqual([0, "7"]);
  expect(stderr).toContain("set 1 of 1, upserts 1 to 1: 429 rate_limited: too many requests: sent again in 1 s\n");
  expect(new Set(keys).size).toBe(1);
  expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{64}-upserts-0-1$/), keys[0], keys[0]]);
  await service.close();
});

test("each set of a push names the one before it, so that an index which has that checks it", async () => {
  const made = await shop();
  await made.diff(items(1, 64));
  const wanted: unknown[] = [];
  const service = await listenFor(async ({ headers }) => {
    const sequence = String(40 + wanted.push(headers["x-min-mutation"]));
    return { status: 200, headers: { "x-mutation": sequence }, body: JSON.stringify({ mutationId: sequence }) };
  });
  expect(await made.push(service.url)).toMatchObject({ code: 0 });
  expect(wanted).toEqual([undefined, "41"]);
  await service.close();
});

test("a set with more bytes than a proxy accepts is divided", async () => {
  const made = await shop();
  await made.diff(items(1, 64));
  const keys: string[] = [];
  const proxy = await listenFor(async ({ headers }, body) => {
    const { labels } = JSON.parse(body.toString()) as { labels: string[] };
    if (labels.length > 1) return { status: 413, headers: {}, body: "<h1>Request Entity Too Large</h1>" };
    keys.push(String(headers["idempotency-key"]).slice(65));
    return { status: 200, headers: {}, body: JSON.stringify({ mutationId: String(keys.length) }) };
  });
  const { code, stdout } = await made.push(proxy.url);
  expect([code, JSON.parse(stdout)]).toEqual([0, { sets: 5, upserts: 4, removals: 1, mutationId: "5" }]);
  expect(keys).toEqual(["upserts-0-4", "upserts-1-3", "upserts-2-3", "upserts-3-4", "removals-0-1"]);
  await proxy.close();
});

test("a service that takes no changes, a wrong token and a missing one are named", async () => {
  const made = await shop();
  await made.diff(items(0, 61));
  const problem = {
    status: 404,
    headers: {},
    body: JSON.stringify({ code: "not_found", detail: "there is no /v1/upsert" }),
  };
  const immutable = await listenFor(async () => problem);
  expect((await made.push(immutable.url)).stderr).toContain(
    "this service takes no changes: start it with midx serve --log",
  );
  await immutable.close();
  const server = await made.serve();
  const argv = ["push", made.at("items.midxd"), "--url", server.url];
  const wrong = await midx(argv, { env: { MIDX_TOKEN: "another" } });
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("set MIDX_TOKEN to a token that may write") });
  const without = await midx(argv);
  expect(without).toMatchObject({ code: 2, stderr: "error: the environment variable MIDX_TOKEN is not set\n" });
});
