import { copyFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectPublished, publishedFile } from "../../../src/cli/hosting/published-file.ts";
import { makeFolder } from "../files.ts";
import { midx } from "../run.ts";
import { writeIndexes } from "./index-files.ts";

// midx serve --log reads its file from a folder that midx publish has written.

async function publishedFolder(): Promise<string> {
  const [first = "", second = ""] = await writeIndexes(2);
  const folder = join(makeFolder(), "words");
  for (const argv of [
    [first, "--as", "first"],
    [second, "--as", "second", "--canary", "0.25"],
  ]) {
    expect(await midx(["publish", ...argv, "--folder", folder])).toMatchObject({ code: 0 });
  }
  return folder;
}

const lengthOf = async (source: unknown) => (await new Response(source as ReadableStream).bytes()).byteLength;

test("the current version has its canary beside it, and both are known by their hashes", async () => {
  const current = await publishedFile(join(await publishedFolder(), "current.json")).look();
  expect(current).toMatchObject({
    version: "first",
    file: expect.stringMatching(/^[0-9a-f]{64}$/),
    canary: { share: 0.25 },
  });
  const canary = await current?.canary?.look();
  expect(canary).toMatchObject({ version: "second", file: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await lengthOf(await canary?.open())).toBeGreaterThan(1000);
});

test("a version is served by its own pointer, and the one before it is found from there", async () => {
  const second = await publishedFile(join(await publishedFolder(), "versions/second.json")).look();
  expect(second).toMatchObject({ version: "second", canary: undefined });
  expect(await lengthOf(await second?.open())).toBeGreaterThan(1000);
  expect(await second?.previous?.()).toMatchObject({ version: "first" });
});

test("the first bytes tell an index file from a pointer, not the name", async () => {
  const [file = ""] = await writeIndexes(1);
  const named = join(makeFolder(), "words.json");
  copyFileSync(file, named);
  await expectPublished(named);
  const found = await publishedFile(named).look();
  expect(found).toMatchObject({ version: undefined });
  expect(await lengthOf(await found?.open())).toBe(statSync(file).size);
  expect(await publishedFile(named).look(found?.tag)).toBeUndefined();
  const folder = await publishedFolder();
  copyFileSync(join(folder, "current.json"), join(folder, "current"));
  await expectPublished(join(folder, "current"));
  expect(await publishedFile(join(folder, "current")).look()).toMatchObject({ version: "first" });
});

test("a pointer that is being written over stays one, so that it is read again at the next look", async () => {
  const path = join(await publishedFolder(), "current.json");
  const known = await publishedFile(path).look();
  for (const torn of ["", "\0\0\0"]) {
    writeFileSync(path, torn);
    await expect(publishedFile(path).look(known?.tag)).rejects.toThrow(path);
  }
  writeFileSync(path, known?.tag as string);
  expect(await publishedFile(path).look(known?.tag)).toBeUndefined();
});
