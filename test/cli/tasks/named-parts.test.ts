import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../files.ts";
import { midx } from "../run.ts";
import { LABELS, rowsFile, succeed } from "./words.ts";

test.each(["compacted.json", "compacted"])(
  "a second build into a folder leaves the parts that a manifest of a compaction names: %s",
  async (name) => {
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
    const removals = file("gone.txt", `${LABELS[3]}\n`);
    await succeed("changes", join(words, "manifest.json"), "--removals", removals, "-o", changes);
    const compacted = join(words, name);
    await succeed("compact", join(words, "manifest.json"), "--changes", changes, "-o", compacted);
    mkdirSync(join(words, "notes.json"));
    file("words/empty", "");
    file("words/damaged.json", '{\n  "kind": "manifest"\n}\n');

    const again = await midx(["build", ...build, "--seed", "1"]);
    expect([again.code, again.stderr]).toEqual([0, ""]);
    await succeed("verify", compacted);
    await succeed("verify", join(words, "manifest.json"));
    // Two new parts, the compacted one, and the older one that the compaction took over. The other older one is gone.
    expect(readdirSync(words).filter((one) => one.endsWith(".midx"))).toHaveLength(4);
  },
);
