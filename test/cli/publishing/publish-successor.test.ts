import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { folderStore } from "../../../src/cli/publishing/folder-store.ts";
import { publish } from "../../../src/cli/publishing/publish.ts";
import { readVerified } from "../../../src/cli/publishing/verified-file.ts";
import { type PublishedFacts, parsePointer, serialisePointer } from "../../../src/publication/pointer.ts";
import type { PublishOptions } from "../../../src/publication/publishing/publish-version.ts";
import { load as loadInWorker } from "../../../src/workerd.ts";
import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import { bytesWithChanges } from "../../../worker/live/bytes-with-changes.ts";
import { roomFor } from "../../../worker/live/changing.ts";
import { buildIndex } from "../../fixtures/build-index.ts";
import { makeFolder, writeInput } from "../files.ts";
import { noise } from "../noise.ts";
import { midx } from "../run.ts";
import { memoryStore } from "./memory-store.ts";
import { startS3 } from "./s3-server.ts";
import { makeWorkerFolder, R2, varsOf } from "./worker-folder.ts";

const KEY = "current.json";
const file = (dim: number, seed: number) =>
  buildIndex({ data: noise(100 * dim, seed), shape: [100, dim] }, { bits: 2 });
let narrow: Uint8Array<ArrayBuffer>;
let narrower: Uint8Array<ArrayBuffer>;
let wide: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  [narrow, narrower, wide] = await Promise.all([file(8, 1), file(8, 2), file(16, 3)]);
});

const pointerIn = (folder: string) => parsePointer(readFileSync(join(folder, KEY), "utf8"));
const REFUSAL =
  /^error: version wide would break the clients of one, since it has 16 dimensions instead of 8: pass --incompatible once/;

/** Makes a folder with version "one", and returns commands for it. */
async function publishedFolder() {
  const folder = makeFolder();
  const paths = { one: writeInput("1", narrow), two: writeInput("2", narrower), wide: writeInput("w", wide) };
  const publishAs = (version: keyof typeof paths, ...options: string[]) =>
    midx(["publish", paths[version], "--folder", folder, "--as", version, ...options]);
  expect(await publishAs("one")).toMatchObject({ code: 0, stderr: "" });
  return { folder, publishAs };
}

describe("midx publish", () => {
  test("says in the pointer what clients depend on, and the memory that a Worker needs", async () => {
    const { folder } = await publishedFolder();
    const { memoryBytes } = (await loadInWorker(narrow, INDEX_LIMITS)).info;
    const facts = { itemCount: 100, dim: 8, metric: "dot", hasLabels: false, memoryBytes };
    expect(pointerIn(folder)).toMatchObject({ version: "one", facts });
    expect(pointerIn(folder)).not.toHaveProperty("contract");
  });

  test("refuses a version that breaks clients until it is told that they are ready", async () => {
    const { folder, publishAs } = await publishedFolder();
    const before = readFileSync(join(folder, KEY));
    expect(await publishAs("wide")).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(REFUSAL) });
    expect(readFileSync(join(folder, KEY))).toEqual(before);
    expect(await publishAs("wide", "--incompatible")).toMatchObject({ code: 0, stderr: "" });
    expect(pointerIn(folder)).toMatchObject({ version: "wide", contract: "wide", previous: "one" });
    expect(await publishAs("two")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("8 dimensions instead of 16"),
    });
  });

  test("compares with the file where the current pointer is of the first form", async () => {
    const { folder, publishAs } = await publishedFolder();
    const { facts: _, ...old } = pointerIn(folder);
    writeFileSync(join(folder, KEY), serialisePointer(old));
    expect(await publishAs("wide")).toMatchObject({ code: 1, stderr: expect.stringMatching(REFUSAL) });
    expect(await publishAs("two")).toMatchObject({ code: 0, stderr: "" });
    expect(pointerIn(folder)).toMatchObject({ version: "two", facts: { dim: 8 } });
  });

  test("goes over a version whose file is lost, which has no clients", async () => {
    const { folder, publishAs } = await publishedFolder();
    const { facts: _, ...old } = pointerIn(folder);
    writeFileSync(
      join(folder, KEY),
      serialisePointer({ ...old, parts: [{ sha256: "0".repeat(64), byteLength: old.byteLength }] }),
    );
    expect(await publishAs("wide")).toMatchObject({ code: 0, stderr: "" });
  });

  test("keeps a contract through the versions that follow it", async () => {
    const { folder, publishAs } = await publishedFolder();
    expect(await publishAs("two", "--incompatible")).toMatchObject({ code: 0 }); // from another model, which the facts do not show
    expect(await publishAs("one")).toMatchObject({ code: 0, stderr: "" });
    expect(pointerIn(folder)).toMatchObject({ version: "one", contract: "two", previous: "two" });
  });

  test("refuses a version that does not fit beside the current one, and says the figures", async () => {
    const { folder, publishAs } = await publishedFolder();
    const pointer = pointerIn(folder);
    const facts = { ...(pointer.facts as PublishedFacts), memoryBytes: 109_900_000 };
    writeFileSync(join(folder, KEY), serialisePointer({ ...pointer, facts }));
    const { memoryBytes } = (await loadInWorker(narrower, INDEX_LIMITS)).info;
    expect(await publishAs("two")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        `version two needs ${memoryBytes} bytes of memory beside the 109900000 of one, and a Worker that swaps them has 110000000 for both: `,
      ),
    });
    expect(await publishAs("two", "--force")).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("a Worker that accepts changes", () => {
  const [id, secret] = ["0123456789abcdef", "fedcba9876543210"];

  /** Runs commands in the folder of a Worker with these variables, over a bucket of their own. */
  async function commandsFor(...vars: string[]) {
    const server = await startS3("words-bucket", id, secret);
    onTestFinished(() => server.close());
    const config = makeWorkerFolder(...varsOf("r2"), ...vars, ...R2);
    const env = { R2_ENDPOINT: `${server.url}/`, R2_ACCESS_KEY_ID: id, R2_SECRET_ACCESS_KEY: secret };
    return (...argv: string[]) => midx([...argv, "--config", config, "--remote"], { env });
  }
  const files = () => [writeInput("1", narrow), writeInput("2", narrower)] as const;

  test.each([
    ["two versions with MAX_DELTA", 'LOG = "segments"', 'MAX_DELTA = "200000"'],
    ["two versions", '[[durable_objects.bindings]]\nname = "LOG"\nclass_name = "IndexLog"'],
  ])("needs the memory for them beside %s", async (_, ...vars) => {
    const run = await commandsFor(...vars);
    const [one, two] = files();
    const room = { maxDelta: vars.length > 1 ? 200_000 : undefined };
    const bytes = bytesWithChanges(narrow, narrow.length, room).changesBytes;
    const first = await run("publish", one, "--as", "one");
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        new RegExp(`^pieces +1, 1 of them new\nmemory +\\d+ bytes in a Worker, and ${bytes} for changes$`, "m"),
      ),
    });
    const second = await run("publish", two, "--as", "two");
    if (room.maxDelta === undefined) return expect(second.code).toBe(0);
    const figures = new RegExp(
      `^error: version two needs \\d+ bytes of memory \\(${bytes} of them for changes: MAX_DELTA\\) beside the \\d+ of one, and a`,
    );
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(figures) });
    expect(await run("publish", two, "--as", "two", "--force")).toMatchObject({ code: 0 });
    expect(await run("rollback")).toMatchObject({ code: 1, stderr: expect.stringContaining("of them for changes") });
  });

  test("reserves as much as the command counts", async () => {
    for (const [given, maxDelta] of [
      [undefined, 20_000],
      [3000, 3000],
    ] as const) {
      const memory = async (options: object): Promise<number> =>
        (await loadInWorker(wide, { ...INDEX_LIMITS, ...options })).info.memoryBytes;
      const reserved = (await memory({ maxDelta: roomFor(maxDelta) })) - (await memory({}));
      expect(bytesWithChanges(wide, wide.length, { maxDelta: given }).changesBytes).toBe(reserved);
    }
    expect(bytesWithChanges(wide, wide.length, undefined).changesBytes).toBe(0);
  });

  test("that could not hold the version alone is named, too", async () => {
    const run = await commandsFor('LOG = "segments"', 'MAX_DELTA = "1000000"');
    const large = await run("publish", writeInput("w", await file(64, 4)), "--as", "one");
    expect(large).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/of them for changes: MAX_DELTA\), and an isolate of a Worker has/),
    });
  });
});

describe("midx rollback", () => {
  test("goes back over a change of contract only when it is told so, with the pointer as it was", async () => {
    const { folder, publishAs } = await publishedFolder();
    const first = readFileSync(join(folder, KEY));
    await publishAs("wide", "--incompatible");
    expect(await midx(["rollback", "--folder", folder])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        "version one would break the clients of wide, since it has 8 dimensions instead of 16",
      ),
    });
    expect(await midx(["rollback", "--folder", folder, "--incompatible"])).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(join(folder, KEY))).toEqual(first);
  });

  test("gives a version that Workers would not take a contract of its own", async () => {
    const { folder, publishAs } = await publishedFolder();
    await publishAs("two");
    // The state that a publisher without contracts would leave.
    const there = JSON.parse(readFileSync(join(folder, KEY), "utf8"));
    writeFileSync(join(folder, KEY), JSON.stringify({ ...there, facts: { ...there.facts, dim: 16 } }));
    expect(await midx(["rollback", "--folder", folder, "--incompatible"])).toMatchObject({ code: 0, stderr: "" });
    expect(pointerIn(folder)).toMatchObject({ version: "one", contract: "one", facts: { dim: 8 } });
  });
});

test("a version that began a contract begins another one when it comes back as incompatible with its successor", async () => {
  const store = memoryStore();
  const facts: PublishedFacts = { itemCount: 9, dim: 8, metric: "dot", hasLabels: false, memoryBytes: 1 };
  const put = (version: string, itemCount: number, isIncompatible = false) =>
    publish(store, KEY, new TextEncoder().encode(version), { version, facts: { ...facts, itemCount }, isIncompatible });
  await put("a", 9);
  await put("c", 5, true);
  const { pointer: successor } = await put("c2", 9);
  const { pointer } = await put("c", 5, true);
  expect([successor.contract, pointer.contract]).toEqual(["c", "c.2"]);
  await put("c2", 9);
  const { pointer: back } = await put("c", 5, true);
  expect(back.contract).toBe("c");
});

describe("a publication", () => {
  const facts: PublishedFacts = { itemCount: 9, dim: 8, metric: "dot", hasLabels: false, memoryBytes: 1 };
  const put = (version: string, memoryBytes: number, options: Partial<PublishOptions> = {}, store = memoryStore()) =>
    publish(store, KEY, new TextEncoder().encode(version), { version, facts: { ...facts, memoryBytes }, ...options });
  const isolate = 120 * 2 ** 20;

  test("that no isolate can hold is refused with the figures, unless it is forced", async () => {
    await expect(put("a", isolate)).resolves.toMatchObject({ outcome: "published" });
    await expect(put("a", isolate + 1)).rejects.toThrow(
      "version a needs 125829121 bytes of memory, and an isolate of a Worker has 125829120 for an index: build it with fewer",
    );
    await expect(put("a", isolate + 1, { isDeployed: true })).rejects.toThrow("an isolate of a Worker has 125829120");
    await expect(put("a", isolate + 1, { isForced: true })).resolves.toMatchObject({ outcome: "published" });
  });

  test("that comes with a deployment needs no room beside the one before it", async () => {
    const store = memoryStore();
    await put("a", 60_000_000, {}, store);
    await expect(put("b", 50_000_001, {}, store)).rejects.toThrow("beside the 60000000 of a");
    await put("b", 50_000_000, {}, store);
    await put("c", isolate, { isDeployed: true }, store);
  });
});

test("stores are given plain arrays of bytes, as wrangler 4.86 takes no Buffer", async () => {
  const { bytes } = await readVerified(writeInput("1", narrow));
  expect(bytes.constructor).toBe(Uint8Array);
  expect(bytes).toEqual(narrow);
});

test("a pointer is read up to its limit, from a folder", async () => {
  const folder = makeFolder();
  mkdirSync(join(folder, "parts"));
  const path = join(folder, KEY);
  writeFileSync(path, Buffer.alloc(2 ** 25, 32));
  expect((await folderStore(folder).get(KEY, 1000))?.bytes).toHaveLength(1001);
  const message = `folder ${folder}: ${KEY}: the pointer: expected at most 262144 bytes, got more`;
  expect(await midx(["rollback", "--folder", folder])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(message),
  });
});
