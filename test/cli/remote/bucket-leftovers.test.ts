import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, makeTemporaryFolder, writeInput } from "../files.ts";
import { jsonLines } from "../run.ts";
import {
  expectedHashes,
  hashesInBucket,
  manifest,
  plan,
  ROWS,
  run,
  SETTINGS,
  server,
  task,
  withBucket,
} from "./bucket-build.ts";

// What tasks in a bucket wait for, find there and leave, and the commands that read what they built.

withBucket();

describe("a build in a bucket", () => {
  test("waits for the tasks that it needs", async () => {
    await run(0, plan());
    const [waiting] = await Promise.all([run(0, [...task("train"), "--wait", "600"]), run(0, task("sample"))]);
    expect(waiting.stdout).toContain("train: the codebooks of all parts");
  });

  test("has nothing of a task that was killed while it wrote, and the task is run again", async () => {
    await run(0, plan());
    for (const name of ["sample", "train"]) await run(0, task(name));
    const controller = new AbortController();
    server.before = async (method, key) => {
      if (method !== "PUT" || !key.startsWith("out/part-")) return undefined;
      controller.abort(new Error("killed"));
      return 400; // the object store has not taken it
    };
    const before = new Set(server.objects.keys());
    const scratch = makeTemporaryFolder();
    await run(1, task("part-0000"), { signal: controller.signal });
    expect(new Set(server.objects.keys())).toEqual(before);
    expect(readdirSync(scratch), "scratch files").toEqual([]);
    server.before = async () => undefined;
    for (const name of ["part-0000", "part-0001", "measure", "commit"]) await run(0, task(name));
    expect((await manifest()).parts.map(({ file, sha256 }) => [file, sha256])).toEqual(
      Object.entries(await expectedHashes()).filter(([name]) => name.startsWith("part-")),
    );
  });

  test("names what one with other options has left unfinished, where keys may be listed", async () => {
    await run(0, plan("--seed", "1"));
    for (const name of ["sample", "train", "part-0000", "part-0001"]) await run(0, task(name));
    server.objects.set("out/part-0000-mine.midx", Buffer.from(""));
    server.objects.set("out/tasks-mine/notes.txt", Buffer.from(""));
    const names = new Set([...server.objects.keys()].map((key) => key.split("/")[1] as string));
    const left = [...names].filter((name) => /^(tasks|part-\d{4})-[0-9a-f]{12}(\.midx)?$/.test(name)).sort();
    expect(left).toHaveLength(3);

    const other = ["build", ...ROWS, ...SETTINGS, "--seed", "2", "-o", "s3://words/out"];
    expect((await run(0, other)).stderr).toBe(
      `note: s3://words/out has files of a build that has not finished, which no manifest names: ${left.join(", ")}. Run that build again, or remove them\n`,
    );
    server.before = async (method) => (method === "LIST" ? 403 : undefined);
    const unlisted = await run(0, [...other, "--json"]);
    expect(unlisted.stderr).toBe("");
    expect(jsonLines(unlisted.stdout).at(-1)).toMatchObject({ event: "built", leftovers: [] });
    server.before = async () => undefined;

    expect((await run(0, ["build", ...ROWS, ...SETTINGS, "--seed", "1", "-o", "s3://words/out"])).stderr).toBe("");
  });

  test("removes the parts that only the older manifest named", async () => {
    await run(0, ["build", ...ROWS, ...SETTINGS, "-o", "s3://words/out"]);
    server.objects.set("out/part-of-somebody.midx", Buffer.from("mine"));
    await run(0, ["build", ...ROWS, ...SETTINGS, "--row-type", "f16", "-o", "s3://words/out"]);
    const parts = (await manifest()).parts.map(({ file }) => file);
    const left = Object.keys(hashesInBucket("out/")).filter((key) => key.startsWith("part-"));
    expect(left).toEqual([...parts, "part-of-somebody.midx"]);
  });
});

test("inspect, verify, predict, drift and publish read the parts of a manifest in a bucket", async () => {
  await run(0, ["build", ...ROWS, ...SETTINGS, "-o", "s3://words/out"]);
  const at = "s3://words/out/manifest.json";
  const { generation, parts } = await manifest();
  expect((await run(0, ["inspect", at, "--json"])).stdout).toContain(generation);
  expect((await run(0, ["verify", at])).stdout).toBe(`ok ${generation}, 2 parts\n`);
  expect((await run(0, ["predict", at, "--vector", "[1,0,0,0,0,0]", "-k", "3"])).stderr).toContain("2 parts in");
  const folder = makeFolder();
  const [rows, changes] = [
    writeInput("drift.jsonl", '{"id": "new", "vector": [1, 0, 0, 0, 0, 1]}\n'),
    join(folder, "a.midxd"),
  ];
  await run(0, ["changes", at, rows, "-o", changes]);
  // It has measured the changed rows by then.
  expect((await run(2, ["drift", at, "--queries", rows, "--changes", changes])).stderr).toContain("run midx calibrate");
  await run(0, ["publish", at, "--folder", folder]);
  expect((await run(0, ["verify", join(folder, "current.json")])).stdout).toContain(", 2 parts");
  const key = `out/${parts[1]?.file}`;
  const bytes = server.objects.get(key) as Buffer;
  server.objects.set(key, Buffer.from(bytes).fill(1, bytes.byteLength - 1));
  expect((await run(3, ["verify", at])).stderr).toContain(`error: s3://words/${key}: `);
  server.objects.set(key, bytes.subarray(1));
  expect((await run(3, ["verify", at])).stderr).toContain(`the manifest states ${bytes.byteLength}`);
  expect((await run(2, ["verify", "s3://words/in/rows.npy"])).stderr).toContain("download the file first");
});
