import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleCli } from "../cli/bundle.ts";
import { midx, writeTable } from "../cli/run.ts";
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

/** Writes and reads until another version answers. Returns how many labels were written. */
async function writeUntil(server: ServeProcess, version: string, written: number): Promise<number> {
  for (let i = written; ; i++) {
    const { status, body } = await upsert(server, `new ${i}`, rowOf(i));
    expect(status, body.detail).toBe(200);
    const ask = { vector: rowOf(i).map((x) => 100 * x), k: 1, exact: true, minMutation: body.sequence };
    const answer = await server.post("/v1/predict", ask);
    expect([answer.status, answer.body.labels]).toEqual([200, [`new ${i}`]]);
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
  expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) as string)).toMatchObject({
    ...{ event: "published", curves: "measured", calibration: { source: "stand-ins" }, previous: "two" },
    recallCurves: expect.arrayContaining([expect.objectContaining({ k: 10 })]),
  });
  for (let i = 0; i < written; i++) expect(await best(server, rowOf(i), written)).toBe(`new ${i}`);
  // A version that says it has all changes so far: its table lacks the classes, so they are gone.
  await publishParts(folder, "three", 3, "--sequence", String(written));
  await writeUntil(server, "three", written);
  expect(await best(server, rowOf(0), written)).not.toBe("new 0");
  await server.end("SIGTERM");
});

test("hosts of parts elsewhere are refused beside a log", async () => {
  const { folder, argv } = await liveFiles();
  await publishParts(folder, "one", 1);
  const served = [join(folder, "current.json"), ...argv.slice(1, 3)];
  for (const option of [
    ["--part", "0"],
    ["--part-at", "http://127.0.0.1:1"],
  ]) {
    const { code, stderr } = await midx(["serve", ...served, ...option]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`'${option[0]}' expected no '--log' beside it`)]);
  }
});
