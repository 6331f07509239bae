import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadWith } from "../../src/index/load.ts";
import { readRaw, writeRaw } from "../fixtures/index-file.ts";
import { BUILDS } from "../fixtures/modules.ts";
import { type GoldenAnswers, goldenAnswers } from "./answers.ts";

const folders = readdirSync(new URL(".", import.meta.url)).filter((name) => /^format-\d+\.\d+$/.test(name));

describe.each(folders)("golden files of %s", (folder) => {
  const at = (name: string): URL => new URL(`${folder}/${name}`, import.meta.url);
  const names = readdirSync(at("."))
    .filter((name) => name.endsWith(".midx"))
    .map((name) => name.slice(0, -".midx".length));

  test("are there: if not, test/golden/make-…ts makes them, once", () => {
    expect(names.length).toBeGreaterThanOrEqual(5);
    const answers: Record<string, GoldenAnswers> = JSON.parse(readFileSync(at("answers.json"), "utf8"));
    expect(Object.keys(answers).sort()).toEqual(names.sort());
  });

  test.each(names)("%s loads and gives its original answers", async (name) => {
    const file = Uint8Array.from(readFileSync(at(`${name}.midx`)));
    const answers: Record<string, GoldenAnswers> = JSON.parse(readFileSync(at("answers.json"), "utf8"));
    const index = await loadWith(BUILDS.release, file);
    expect(`format-${index.info.formatVersion}`).toBe(folder);
    expect(goldenAnswers(index)).toEqual(answers[name]);
    expect(writeRaw(readRaw(file))).toEqual(file);
  });
});
