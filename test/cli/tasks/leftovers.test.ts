import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../files.ts";
import { jsonLines, midx } from "../run.ts";
import { readManifest, rowsFile, succeed } from "./words.ts";

const SETTINGS = ["--bits", "3", "--calibrate", "off", "--parts", "2"];

test("a build in parts names what one with other options has left unfinished", async () => {
  const [rows, words] = [rowsFile(), join(makeFolder(), "words")];
  const plan = join(words, "plan.json");
  await succeed("build-plan", rows, ...SETTINGS, "--seed", "1", "-o", plan);
  for (const index of ["0", "1", "2"]) await succeed("build-task", plan, "--index", index);
  writeFileSync(join(words, "part-0000-mine.midx"), "");
  const left = readdirSync(words).filter((name) => /^(tasks|part-0000)-[0-9a-f]+(\.midx)?$/.test(name));
  expect(left).toHaveLength(2);

  const { stderr } = await midx(["build", rows, ...SETTINGS, "--seed", "2", "-o", words]);
  expect(stderr).toBe(
    `note: ${words} has files of a build that has not finished, which no manifest names: ${left.sort().join(", ")}. Run that build again, or remove them\n`,
  );
  const stdout = await succeed("build", rows, ...SETTINGS, "--seed", "2", "-o", words, "--json");
  expect(jsonLines(stdout).at(-1)).toMatchObject({ event: "built", leftovers: left });

  const again = await midx(["build", rows, ...SETTINGS, "--seed", "1", "-o", words]);
  expect(again.stdout).toMatch(/sample: .* it was finished before/);
  expect(again.stderr).toBe("");
  const parts = (await readManifest(words)).parts.map(({ file }) => file as string);
  expect(readdirSync(words).sort()).toEqual(["manifest.json", "part-0000-mine.midx", ...parts, "plan.json"].sort());
});
