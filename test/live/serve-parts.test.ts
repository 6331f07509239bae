import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleCli } from "../cli/bundle.ts";
import { midx, writeTable } from "../cli/run.ts";
import { EVERY } from "../run/size.ts";
import { type ServeProcess, startServe } from "./serve-process.ts";
import { best, labelsIn, liveFiles, rowOf, upsert } from "./served-log.ts";

let bundle: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  bundle = await bundleCli();
});
afterAll(() => bundle.remove());

/** Builds a table in two parts, and publishes them in the folder. */
async function publishParts(folder: string, version: string, start: number, ...options: string[]): Promise<void> {
  const parts = join(folder, version);
  const table = writeTable(60, 4, start);
  const labels = labelsIn(folder, 60);
  const commands = [
    [
      "build",
      table,
      "--parts",
      "2",
      "--labels",
      labels,
      "--fine-codes",
      "--metric",
      "cosine",
      "--calibrate",
      "off",
      "-o",
      parts,
    ],
    ["publish", join(parts, "manifest.json"), "--folder", folder, "--as", version, ...options],
  ];
  for (const argv of commands) {
    const { code, stderr } = await midx(argv);
    expect(code, stderr).toBe(0);
  }
}

/** Rows that differ enough for int8. */
const LABELS = 20;

/** Writes and reads until another version answers. Returns the number of the last change. */
async function writeUntil(server: ServeProcess, version: string, before: number): Promise<number> {
  for (let i = before; ; i++) {
    if (!EVERY) await sleep(20); // what makes the version needs the processors, too
    const [label, row] = [`new ${i % LABELS}`, rowOf(i % LABELS)];
    const { status, body } = await upsert(server, label, row);
    expect([status, body.detail, body.sequence]).toEqual([200, undefined, i + 1]);
    const ask = { vector: row.map((x) => 100 * x), k: 1, exact: true, minMutation: i + 1 };
    const answer = await server.post("/v1/predict", ask);
    expect([answer.status, answer.body.labels]).toEqual([200, [label]]);
    if (answer.body.version === version) return i + 1;
  }
}

test("midx serve --log of a manifest keeps changes over a kill, and while versions are swapped", async () => {
  const { folder, argv } = await liveFiles();
  await publishParts(folder, "one", 1);
  const serving = [join(folder, "current.json"), ...argv.slice(1), "--refresh-seconds", "0.1"];
  const first = await startServe("Node", bundle.cli, serving);
  let written = await writeUntil(first, "one", 0);
  await first.end("SIGKILL");
  const server = await startServe("Node", bundle.cli, serving);
  expect(await best(server, rowOf(0), written)).toBe("new 0");
  const publishing = publishParts(folder, "two", 2);
  written = await writeUntil(server, "two", written);
  await publishing;
  const compacting = midx(["compact", "--folder", folder, "--log", argv[2] as string, "--as", "compacted", "--json"]);
  written = await writeUntil(server, "compacted", written);
  const { code, stdout, stderr } = await compacting;
  expect(code, stderr).toBe(0);
  // All answers of so few classes are from all rows, and say nothing about error bars.
  expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) as string)).toMatchObject({
    ...{ event: "published", curves: "measured", calibration: null, previous: "two" },
    recallCurves: expect.arrayContaining([expect.objectContaining({ k: 10 })]),
  });
  for (let i = 0; i < Math.min(written, LABELS); i++) expect(await best(server, rowOf(i), written)).toBe(`new ${i}`);
  // A version that says it has all changes so far: its table lacks the classes, so they are gone.
  await publishParts(folder, "three", 3, "--sequence", String(written));
  let answer: Awaited<ReturnType<ServeProcess["post"]>>;
  do answer = await server.post("/v1/predict", { vector: rowOf(0), k: 99, exact: true });
  while (answer.body.version !== "three");
  expect([answer.body.labels?.length, answer.body.labels?.includes("new 0")]).toEqual([60, false]);
  await server.end("SIGTERM");
});

test("midx serve --part-at --log brings changes to parts in processes of their own, over kills, a swap and a compaction", async () => {
  const { folder, argv } = await liveFiles();
  await publishParts(folder, "one", 1);
  const [manifest, token] = [join(folder, "current.json"), join(folder, "parts.txt")];
  writeFileSync(token, "secret-of-the-parts\n");
  const startPart = (part: number, port: string) =>
    startServe("Node", bundle.cli, [
      ...[manifest, "--part", String(part), "--max-delta", "100", "--token-file", token, "--port", port],
    ]);
  const parts = [await startPart(0, "0"), await startPart(1, "0")] as [ServeProcess, ServeProcess];
  const startRouter = () =>
    startServe("Node", bundle.cli, [
      ...[manifest, ...argv.slice(1), "--refresh-seconds", "0.1", "--part-token-file", token],
      ...parts.flatMap(({ url }) => ["--part-at", url]),
    ]);
  const first = await startRouter();
  let written = await writeUntil(first, "one", 0);
  await first.end("SIGKILL");
  await parts[1].end("SIGKILL");
  parts[1] = await startPart(1, new URL(parts[1].url).port);
  const router = await startRouter();
  expect(await best(router, rowOf(0), written)).toBe("new 0");
  const publishing = publishParts(folder, "two", 2);
  written = await writeUntil(router, "two", written);
  await publishing;
  const argvOfCompact = ["compact", "--folder", folder, "--log", argv[2] as string, "--as", "compacted"];
  const compacting = midx([...argvOfCompact, "--calibrate", "carry"]);
  written = await writeUntil(router, "compacted", written);
  const { code, stderr } = await compacting;
  expect(code, stderr).toBe(0);
  for (let i = 0; i < Math.min(written, LABELS); i++) expect(await best(router, rowOf(i), written)).toBe(`new ${i}`);
  const groups = ["--part-groups", "2", "--part-token-file", token];
  const below = await startServe("Node", bundle.cli, [
    ...[manifest, "--pass-changes", "--token-file", token, "--part-token-file", token],
    ...parts.flatMap(({ url }) => ["--part-at", url]),
  ]);
  const above = await startServe("Node", bundle.cli, [manifest, ...argv.slice(1), "--part-at", below.url, ...groups]);
  const { status, body } = await upsert(above, "by two routers", rowOf(5));
  expect([status, body.detail]).toEqual([200, undefined]);
  expect(await best(above, rowOf(0), body.sequence as number)).toBe("new 0");
  await Promise.all([router, below, above, ...parts].map((each) => each.end("SIGTERM")));
});

test("changes are taken from a router only behind a token, and passed on only to parts elsewhere", async () => {
  const { folder } = await liveFiles();
  await publishParts(folder, "one", 1);
  const hosts = ["--part-at", "http://10.0.0.5:1", "--part-at", "http://10.0.0.6:1"];
  const cases: readonly (readonly [argv: readonly string[], expected: string])[] = [
    [["--part", "0", "--max-delta", "9"], "'--max-delta' expected a token beside '--part'"],
    [["--pass-changes", ...hosts], "'--pass-changes' expected a token beside it"],
    [["--pass-changes"], "'--pass-changes' expected '--part-at' beside it"],
  ];
  for (const [options, expected] of cases) {
    const { code, stderr } = await midx(["serve", join(folder, "current.json"), ...options]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(expected)]);
  }
});

test("a part, and a router that passes changes on, are refused beside a log", async () => {
  const { folder, argv } = await liveFiles();
  await publishParts(folder, "one", 1);
  const served = [join(folder, "current.json"), ...argv.slice(1, 3)];
  for (const option of [["--part", "0"], ["--pass-changes"]]) {
    const { code, stderr } = await midx(["serve", ...served, ...option]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`'${option[0]}' expected no '--log' beside it`)]);
  }
});
