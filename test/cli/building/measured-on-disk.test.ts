import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { EVERY } from "../../run/size.ts";
import { bundleCli } from "../bundle.ts";
import { makeFolder } from "../files.ts";
import { sayPeakMemory } from "../peak-memory.ts";
import { jsonLines, midx, writeTable } from "../run.ts";

const builtOf = (stdout: string) => jsonLines(stdout).at(-1) as Record<string, unknown>;

describe("midx build --max-memory", () => {
  test.each([[[]], [["--queries", "QUERIES"]], [["--fine-codes", "--queries", "QUERIES"]]])(
    "measures what a build in memory does, where there is room, and writes the same file: %j",
    async (extra) => {
      const output = join(makeFolder(), "out.midx");
      const given = extra.map((word) => (word === "QUERIES" ? writeTable(600, 10, 8) : word));
      const argv = ["build", writeTable(3000, 10), "-o", output, "--json", ...given];
      const inMemory = builtOf((await midx(argv)).stdout);
      const bytes = readFileSync(output);
      const outcome = await midx([...argv, "--max-memory", "1000"]);
      expect(outcome).toMatchObject({ code: 0, stderr: "" });
      const onDisk = builtOf(outcome.stdout);
      expect(readFileSync(output).equals(bytes)).toBe(true);
      expect(onDisk.quality).toEqual(inMemory.quality);
      expect(onDisk.origin).toBe(inMemory.origin);
      expect(onDisk).not.toHaveProperty("qualityTakes");
    },
  );

  test("says what measuring takes where there is no room, on stderr where queries were given, and builds all the same", async () => {
    const output = join(makeFolder(), "out.midx");
    const argv = ["build", writeTable(3000, 10), "-o", output, "--max-memory"];
    const least = /at least (\d+)/.exec((await midx([...argv, "1"])).stderr)?.[1] as string;
    const alone = await midx([...argv, least]);
    expect(alone).toMatchObject({ code: 0, stderr: "" });
    const line = alone.stdout.trimEnd().split("\n").at(-1) as string;
    expect(line).toMatch(
      /^the index was not measured: measuring it needs --max-memory \d+; or run midx eval \S+ --queries <file>$/,
    );
    const bytes = readFileSync(output);
    const asked = await midx([...argv, least, "--queries", writeTable(600, 10, 8)]);
    expect(asked).toMatchObject({ code: 0, stderr: `${line}\n` });
    expect(readFileSync(output).equals(bytes)).toBe(true);
    const enough = /--max-memory (\d+)/.exec(line)?.[1] as string;
    expect((await midx([...argv, enough])).stdout).toContain("against the full softmax on 128 rows as queries");
    expect((await midx([...argv, String(Number(enough) - 1)])).stdout).toContain(line);
  });

  test("stays within the least that measures recall and quality", async () => {
    const folder = makeFolder();
    const argv = ["build", writeTable(EVERY ? 60_000 : 30_000, 32), "-o", join(folder, "out.midx"), "--bits", "5"];
    argv.push("--fine-codes", "--queries", writeTable(12, 32, 8)); // few, because each takes some time
    const limit = (stdout: string): string => /measuring it needs --max-memory (\d+)/.exec(stdout)?.[1] as string;
    const least = /at least (\d+)/.exec((await midx([...argv, "--max-memory", "1"])).stderr)?.[1] as string;
    const { cli, remove } = await bundleCli();
    const preload = join(folder, "preload.mjs");
    writeFileSync(preload, sayPeakMemory);
    const spawned = (most: string) => {
      const nodeArgv = ["--import", pathToFileURL(preload).href, cli, ...argv, "--max-memory", most];
      return spawnSync(process.execPath, nodeArgv, { encoding: "utf8" });
    };
    const enough = limit(spawned(least).stdout);
    const { status, stdout, stderr } = spawned(enough);
    remove();
    expect(status, stderr).toBe(0);
    expect(stdout).toContain("against the full softmax");
    expect(Number(stderr) / 1024).toBeLessThanOrEqual(Number(enough));
  });
});
