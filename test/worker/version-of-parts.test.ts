import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { sha256 } from "../../src/bytes/sha256.ts";
import { sealManifest, serialiseManifest } from "../../src/publication/manifest.ts";
import { serialisePointer } from "../../src/publication/pointer.ts";
import { manifestAt, type PublishedManifest } from "../../worker/publication/manifest-at.ts";
import type { Publication } from "../../worker/publication/publication.ts";
import { inBucket } from "../../worker/publication/stores.ts";
import { indexFile } from "./client.ts";
import { publish } from "./publish.ts";

/** Publishes a version of one part, as midx publish does, whose manifest is also `words/current.json`. */
async function put(version: string, previous?: string): Promise<void> {
  const file = await indexFile();
  const part = { sha256: await sha256(file), byteLength: file.byteLength };
  const pointer = "versions/part-0.json";
  const facts = { dim: 8, metric: "dot", hasLabels: false } as const;
  const parts = [{ number: 0, pointer, ...part, classes: 100, idBase: 0, memoryBytes: 65536 }];
  const manifest = await sealManifest({
    ...{ version, classes: 100, facts, parts, recallCurves: null, calibration: null, log: null },
    ...(previous !== undefined && { previous }),
  });
  await env.INDEX.put(`words/parts/${part.sha256}`, file);
  await env.INDEX.put(`words/${pointer}`, serialisePointer({ version: "part-0", ...part, parts: [part] }));
  for (const key of [`versions/${version}`, "current"])
    await env.INDEX.put(`words/${key}.json`, serialiseManifest(manifest));
}

/** Opens all parts of a version and of those before it, and returns their names. */
async function opened(publication: Publication<PublishedManifest> | undefined): Promise<string[]> {
  if (!publication) return [];
  const { manifest, openPart } = await publication.open();
  for (const part of manifest.parts) {
    expect((await new Response(await openPart(part)).bytes()).byteLength).toBe(part.byteLength);
  }
  return [manifest.version, ...(await opened(await publication.previous?.()))];
}

it.each(["current", "versions/second"])(
  "the parts of words/%s.json, and the version before it, are found",
  async (key) => {
    await put("first");
    await put("second", "first");
    expect(await opened(await manifestAt(inBucket(env.INDEX), `words/${key}.json`).look())).toEqual([
      "second",
      "first",
    ]);
  },
);

it("the canary that words/current.json names is found with its parts, and keeps the files that are held", async () => {
  await put("second", "first");
  await put("first");
  const publisher = manifestAt(inBucket(env.INDEX), "words/current.json");
  const alone = await publisher.look();
  const text = await (await env.INDEX.get("words/current.json"))?.text();
  const tried = { ...JSON.parse(text as string), canary: { version: "second", share: 0.25 } };
  await env.INDEX.put("words/current.json", serialiseManifest(tried));
  const beside = await publisher.look(alone?.tag);
  expect(beside).toMatchObject({ version: "first", file: alone?.file, canary: { share: 0.25 } });
  const canary = await beside?.canary?.look();
  expect(await opened(canary)).toEqual(["second", "first"]);
  expect(canary).toMatchObject({ version: "second", canary: undefined });
});

it("a router refuses the pointer of one file for what it is", async () => {
  await publish((key, value) => env.INDEX.put(key, value), "one/current.json", await indexFile(), "one");
  await expect(manifestAt(inBucket(env.INDEX), "one/current.json").look()).rejects.toMatchObject({
    code: "manifest",
    message: expect.stringContaining('"kind" expected "manifest", which a router needs, got undefined'),
  });
});

it("a manifest, and the pointer of a part, that are something else are refused with their store and key", async () => {
  const { look } = manifestAt(inBucket(env.INDEX), "words/current.json");
  await put("first");
  const publication = await look();
  await env.INDEX.put("words/versions/part-0.json", "<!doctype html>");
  await expect(opened(publication)).rejects.toThrow(
    'the bucket bound as INDEX: words/versions/part-0.json: the pointer: expected JSON, got "<!doctype html>"',
  );
  await env.INDEX.put("words/current.json", '{"kind":"manifest"');
  await expect(look()).rejects.toThrow("the bucket bound as INDEX: words/current.json: the manifest: expected JSON");
});
