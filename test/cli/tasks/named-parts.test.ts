import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../files.ts";
import { midx } from "../run.ts";
import { LABELS, rowsFile, succeed } from "./words.ts";

test("a second build into a folder leaves the parts that manifests of compactions name, whatever these are called", async () => {
  const folder = makeFolder();
  const words = join(folder, "words");
  const file = (path: string, text: string): string => {
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  };
  const labels = file("labels.txt", `${LABELS.join("\n")}\n`);
  const build = [rowsFile(), "--labels", labels, "--bits", "3", "--calibrate", "off", "--parts", "2", "-o", words];
  await succeed("build", ...build);
  const changes = join(folder, "words.midxd");
  const compactions = [
    ["compacted.json", LABELS[3]],
    ["compacted", LABELS[4]],
  ] as const;
  const carry = ["--calibrate", "carry"];
  for (const [name, gone] of compactions) {
    const removals = file("gone.txt", `${gone}\n`);
    await succeed("changes", join(words, "manifest.json"), "--removals", removals, "-o", changes);
    await succeed("compact", join(words, "manifest.json"), "--changes", changes, ...carry, "-o", join(words, name));
  }
  mkdirSync(join(words, "notes.json"));
  file("words/empty", "");
  file("words/damaged.json", '{\n  "kind": "manifest"\n}\n');

  const again = await midx(["build", ...build, "--seed", "1"]);
  expect([again.code, again.stderr]).toEqual([0, ""]);
  for (const [name] of compactions) await succeed("verify", join(words, name));
  await succeed("verify", join(words, "manifest.json"));
  // Two new parts, a compacted one for each compaction, and the older one that both took over. The other older one is gone.
  expect(readdirSync(words).filter((one) => one.endsWith(".midx"))).toHaveLength(5);
});
