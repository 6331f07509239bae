import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { manifestFile } from "../../../src/cli/hosting/manifest-publisher.ts";
import type { PublishedManifest } from "../../../worker/publication/manifest-at.ts";
import type { Publication } from "../../../worker/publication/publication.ts";
import { onceFor } from "../../run/once-for.ts";
import { makeFolder } from "../files.ts";
import { fail, npy, rowsFile, succeed } from "../tasks/words.ts";

// The manifest of a version, versions/first.json, names its parts from the folder that versions/ is in.

const temporary = mkdtempSync(join(tmpdir(), "midx-test-"));
afterAll(() => rmSync(temporary, { recursive: true }));

const publishTwice = onceFor(async (): Promise<string> => {
  const [built, published] = [join(temporary, "built"), join(temporary, "public")];
  await succeed("build", rowsFile(), "--bits", "3", "--calibrate", "off", "--parts", "2", "-o", built);
  for (const name of ["first", "second"]) {
    await succeed("publish", join(built, "manifest.json"), "--folder", published, "--as", name);
  }
  return published;
});

/** Returns a folder with the versions "first" and "second" of an index in parts. */
async function publishedTwice(): Promise<string> {
  const folder = join(makeFolder(), "public", "words");
  cpSync(await publishTwice(), folder, { recursive: true });
  return folder;
}

test("a version in parts is verified and asked by its own manifest", async () => {
  const folder = await publishedTwice();
  const first = join(folder, "versions", "first.json");
  expect(await succeed("verify", first)).toContain(", 2 parts");
  const ask = (path: string): Promise<string> =>
    succeed("predict", path, "--vector", "[1,2,3,4,5,6]", "-k", "3", "--exact", "--seed", "1");
  expect(await ask(first)).toBe(await ask(join(folder, "current.json")));
});

test("midx calibrate writes beside the parts of such a version, not beside its manifest", async () => {
  const folder = await publishedTwice();
  const queries = npy(
    "queries.npy",
    Float32Array.from({ length: 12 }, (_, i) => Math.cos(i)),
    "(2, 6)",
  );
  const calibrate = (output: string) => [
    "calibrate",
    join(folder, "versions/first.json"),
    "--queries",
    queries,
    "-o",
    output,
  ];
  expect(await fail(2, ...calibrate(join(folder, "versions/other.json")))).toContain(
    `'--output' expected a file in ${folder}, beside the parts of the manifest, got ${folder}/versions/other.json`,
  );
  await succeed(...calibrate(join(folder, "calibrated.json")));
  expect(await succeed("verify", join(folder, "calibrated.json"))).toContain(", 2 parts");
});

/** Opens all parts of a version, and of the one before it. */
async function opened(publication: Publication<PublishedManifest> | undefined): Promise<string[]> {
  if (!publication) return [];
  const { manifest, openPart } = await publication.open();
  for (const part of manifest.parts) {
    const { byteLength } = await new Response(await openPart(part)).bytes();
    expect(byteLength).toBe(part.byteLength);
  }
  return [manifest.version, ...(await opened(await publication.previous?.()))];
}

test("midx serve reads the parts of such a version, and finds the one before it", async () => {
  const folder = await publishedTwice();
  expect(await opened(await manifestFile(join(folder, "versions", "second.json")).look())).toEqual(["second", "first"]);
  expect(await opened(await manifestFile(join(folder, "current.json")).look())).toEqual(["second", "first"]);
});
