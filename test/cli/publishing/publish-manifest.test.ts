import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Manifest, sealManifest, serialiseManifest } from "../../../src/publication/manifest.ts";
import { parsePointer } from "../../../src/publication/pointer.ts";
import { onceFor } from "../../run/once-for.ts";
import { makeFolder } from "../files.ts";
import { jsonLines, midx, noise } from "../run.ts";
import { DIM, fail, npy, readManifest, rowsFile, succeed } from "../tasks/words.ts";
import { writeIndexes } from "./index-files.ts";

const temporary = mkdtempSync(join(tmpdir(), "midx-test-"));
afterAll(() => rmSync(temporary, { recursive: true }));

const build = onceFor(async (...extra: string[]): Promise<string> => {
  const folder = mkdtempSync(join(temporary, "built-"));
  await succeed("build", rowsFile(), "--bits", "3", "--calibrate", "off", ...extra, "-o", folder);
  return folder;
});

/** Builds parts once for each list of options, and returns the path of the manifest of a copy. */
async function built(...extra: string[]): Promise<string> {
  const folder = join(makeFolder(), "words");
  cpSync(await build(...extra), folder, { recursive: true });
  return join(folder, "manifest.json");
}

const current = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, "current.json"), "utf8"));

async function rewrite(path: string, change: (manifest: Manifest) => object): Promise<void> {
  const manifest = await readManifest(dirname(path));
  writeFileSync(path, serialiseManifest(await sealManifest({ ...manifest, ...change(manifest) })));
}

describe("midx verify and midx inspect", () => {
  test("know manifests", async () => {
    const path = await built("--parts", "3");
    const { generation } = await readManifest(dirname(path));
    expect(await succeed("verify", path)).toBe(`ok ${generation}, 3 parts\n`);
    expect(jsonLines(await succeed("verify", path, "--json"))).toEqual([{ ok: true, generation, parts: 3 }]);
    expect(await succeed("inspect", path)).toMatch(
      /^classes +700$[\s\S]*^ +2 +466 +234 .* part-0002-[0-9a-f]{12}\.midx$/m,
    );
    expect(jsonLines(await succeed("inspect", path, "--json"))[0]).toMatchObject({ generation, classes: 700 });
  });

  test("refuse a manifest that its parts contradict, by the field", async () => {
    const path = await built("--parts", "2");
    const folder = dirname(path);
    const original = readFileSync(path);
    const [first, second] = (await readManifest(folder)).parts.map(({ file }) => file as string) as [string, string];
    const lies: [(manifest: Manifest) => object, RegExp][] = [
      [
        ({ facts }) => ({ facts: { ...facts, dim: 7 } }),
        /"facts\.dim" states 7, but part-0000-\w+\.midx has 6: build or/,
      ],
      [({ facts }) => ({ facts: { ...facts, metric: "cosine" } }), /"facts\.metric" states cosine, but .* has dot/],
      [({ facts }) => ({ facts: { ...facts, hasLabels: true } }), /"facts\.hasLabels" states true, but .* has false/],
      [
        ({ parts: [a, b] }) => ({
          parts: [
            { ...a, classes: 340 },
            { ...b, idBase: 340, classes: 360 },
          ],
        }),
        /"parts\[0\]\.classes" states 340, but .* has 350/,
      ],
      [({ parts: [a, b] }) => ({ parts: [a, { ...b, byteLength: 9 }] }), /"parts\[1\]\.byteLength" states 9, but/],
      [({ parts: [a, b] }) => ({ parts: [a, { ...b, memoryBytes: 9 }] }), /"parts\[1\]\.memoryBytes" states 9, but/],
      [({ parts: [a, b] }) => ({ parts: [a, { ...b, file: first }] }), /"parts\[1\]\.sha256" states/],
    ];
    for (const [change, message] of lies) {
      await rewrite(path, change);
      expect(await fail(3, "verify", path)).toMatch(message);
      writeFileSync(path, original);
    }
    copyFileSync(path, join(folder, second));
    expect(await fail(3, "verify", path), "a manifest is no part of a manifest").toContain(
      `${second}: it looks like a manifest of parts`,
    );
    writeFileSync(path, readFileSync(path, "utf8").replace('"classes": 700', '"classes": 701'));
    expect(await fail(3, "inspect", path)).toContain('"classes" expected 700, the sum of its parts, got 701');
  });
});

describe("midx publish of a manifest", () => {
  test("puts all parts up and flips one pointer, also from and to a single file, and goes back", async () => {
    const folder = join(makeFolder(), "public");
    const [three, two] = [await built("--parts", "3"), await built("--parts", "2", "--as", "second")];
    const { version, facts } = await readManifest(dirname(three));
    expect(await succeed("publish", three, "--folder", folder)).toMatch(/^parts +3, in pieces of which 3 are new$/m);
    const first = current(folder);
    expect(first).toMatchObject({ version, classes: 700, facts });
    expect(await succeed("verify", join(folder, "current.json"))).toBe(`ok ${first.generation}, 3 parts\n`);
    expect(await succeed("publish", three, "--folder", folder)).toContain(`${version} is already current`);
    for (const { pointer, sha256 } of first.parts) {
      expect(parsePointer(readFileSync(join(folder, pointer as string), "utf8"))).toMatchObject({ sha256 });
    }

    expect(await succeed("publish", two, "--folder", folder)).toMatch(/^previous +[0-9a-f]{12}$/m);
    expect(current(folder)).toMatchObject({ version: "second", previous: version });
    expect(await succeed("rollback", "--folder", folder)).toMatch(
      new RegExp(`^current +${version}\nwas +second$`, "m"),
    );
    expect(current(folder)).toEqual(first);

    const [file = ""] = await writeIndexes(1);
    expect(await fail(1, "publish", file, "--folder", folder)).toMatch(
      /would break the clients of .*, since it has 8 dimensions instead of 6, 100 classes without labels instead of 700/,
    );
    await succeed("publish", file, "--folder", folder, "--incompatible", "--as", "file");
    expect(current(folder)).toMatchObject({ version: "file", contract: "file", previous: version });
    await succeed("rollback", "--folder", folder, "--incompatible");
    expect(current(folder)).toEqual(first);
  });

  test("begins a new contract by going back to fewer classes, so that Workers follow", async () => {
    const folder = join(makeFolder(), "public");
    const small = join(makeFolder(), "small");
    const rows = npy("rows.npy", noise(400 * DIM, 5), `(400, ${DIM})`);
    await succeed("build", rows, "--bits", "3", "--calibrate", "off", "--parts", "2", "-o", small);
    await succeed("publish", join(small, "manifest.json"), "--folder", folder, "--as", "a");
    await succeed("publish", await built("--parts", "2"), "--folder", folder, "--as", "b");
    expect(await fail(1, "rollback", "--folder", folder)).toContain("400 classes without labels instead of 700");
    await succeed("rollback", "--folder", folder, "--incompatible");
    expect(current(folder)).toMatchObject({ version: "a", contract: "a", classes: 400 });
    expect(await succeed("verify", join(folder, "current.json"))).toContain(", 2 parts");
  });

  test("writes a part again only if it changed", async () => {
    const folder = join(makeFolder(), "public");
    await succeed("publish", await built("--parts", "2"), "--folder", folder, "--as", "a");
    const again = await succeed("publish", await built("--parts", "2"), "--folder", folder, "--as", "b");
    expect(again).toMatch(/^parts +2, in pieces of which 0 are new$/m);
  });

  test("warns of fewer parts, which have room for fewer changes, where an index changes", async () => {
    const folder = join(makeFolder(), "public");
    const [three, two] = [await built("--parts", "3"), await built("--parts", "2")];
    const noted = async (...argv: string[]) => {
      const { code, stderr } = await midx([...argv, "--folder", folder]);
      expect(code).toBe(0);
      return stderr;
    };
    expect(await noted("publish", three, "--as", "three")).toBe("");
    expect(await noted("publish", two, "--as", "two"), "there is no log").toBe("");
    expect(await noted("publish", three, "--as", "three-5", "--sequence", "5")).toBe("");
    const note =
      /^note: version \S+ has 2 parts and three-5 has 3, .* behind 5 than --max-delta in each part takes no new labels, or refuses the version if its parts are at .*\n$/;
    expect(await noted("publish", two, "--as", "two-5", "--sequence", "5")).toMatch(note);
    expect(await noted("rollback")).toBe("");
    expect(await noted("rollback", "--to", "two-5")).toMatch(note);
    const one = await noted("publish", await built("--parts", "1"), "--as", "one-5", "--sequence", "5");
    expect(one).toMatch(/^note: version one-5 has 1 part and two-5 has 2, so it has room /);
  });

  test("says which change its parts have, and keeps to it under one name", async () => {
    const folder = join(makeFolder(), "public");
    const path = await built("--parts", "2");
    const publish = (sequence: string, name: string) =>
      ["publish", path, "--folder", folder, "--as", name, "--sequence", sequence] as const;
    await succeed(...publish("2", "a"));
    expect(current(folder).log).toEqual({ sequence: 2 });
    expect(await succeed(...publish("2", "a"))).toContain("is already current");
    expect(await fail(1, ...publish("3", "a"))).toContain("with the changes of the log up to 2, not 3");
    await succeed(...publish("3", "b"));
    expect(await succeed("inspect", join(folder, "current.json"))).toMatch(/^log +changes up to 3$/m);
    await succeed("rollback", "--folder", folder);
    expect(current(folder).log).toEqual({ sequence: 2 });
  });

  test("refuses a name that something else has or no version can have, and a part that is damaged, before the pointer changes", async () => {
    const folder = join(makeFolder(), "public");
    const [three, two] = [await built("--parts", "3"), await built("--parts", "2")];
    await succeed("publish", three, "--folder", folder, "--as", "a");
    const before = readFileSync(join(folder, "current.json"));
    expect(await fail(1, "publish", two, "--folder", folder, "--as", "a")).toContain(
      "a version is published only once",
    );
    for (const name of ["a b", "../x"]) {
      const refused = await fail(2, "publish", two, "--folder", folder, "--as", name);
      expect(refused).toContain(`"version" expected 1 to 64 letters, digits, ".", "_" or "-", got "${name}"`);
    }
    const { parts } = await readManifest(dirname(two));
    writeFileSync(join(dirname(two), parts[1]?.file as string), "damaged");
    expect(await fail(3, "publish", two, "--folder", folder)).toContain(parts[1]?.file as string);
    expect(readFileSync(join(folder, "current.json"))).toEqual(before);
  });

  test("goes back only to parts that are all there", async () => {
    const folder = join(makeFolder(), "public");
    await succeed("publish", await built("--parts", "2"), "--folder", folder, "--as", "a");
    const [part] = current(folder).parts;
    await succeed("publish", await built("--parts", "3"), "--folder", folder, "--as", "b");
    const pointer = join(folder, part?.pointer as string);
    const text = readFileSync(pointer, "utf8");
    const other = readdirSync(join(folder, "versions")).find(
      (name) => name.startsWith("part-") && !pointer.endsWith(name),
    );
    copyFileSync(join(folder, "versions", other as string), pointer);
    expect(await fail(1, "rollback", "--folder", folder)).toContain("is not the pointer of part 0 of version a");
    writeFileSync(pointer, text);
    writeFileSync(join(folder, "parts", part?.sha256 as string), "damaged");
    expect(await fail(1, "rollback", "--folder", folder)).toContain("has another hash than its name states");
    expect(current(folder).version).toBe("b");
  });
});

test("publishing what is current already mends parts of it that are damaged or gone, with their pointers", async () => {
  const [path, folder] = [await built("--parts", "3"), join(makeFolder(), "words")];
  await succeed("publish", path, "--folder", folder);
  const [first, second, third] = current(folder).parts;
  const files = [first, second].map((part) => join(folder, "parts", part?.sha256 as string));
  const pointer = join(folder, third?.pointer as string);
  const before = [...files, pointer].map((file) => readFileSync(file));
  writeFileSync(files[0] as string, "damaged");
  for (const file of [files[1] as string, pointer]) rmSync(file);
  expect(await succeed("publish", path, "--folder", folder)).toMatch(/^parts +3, in pieces of which 2 are new$/m);
  expect([...files, pointer].map((file) => readFileSync(file))).toEqual(before);
  expect(await succeed("publish", path, "--folder", folder)).toContain("is already current");
});
