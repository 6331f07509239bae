import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sweepTemporaryFiles } from "../../src/cli/process/temporary-files.ts";
import { bundleCli } from "./bundle.ts";
import { ended } from "./ended.ts";
import { succeed } from "./tasks/words.ts";

const folder = mkdtempSync(join(tmpdir(), "midx-interrupted-"));
afterAll(() => rmSync(folder, { recursive: true }));

let cli: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  cli = await bundleCli();
});
afterAll(() => cli.remove());

/** As old as this, files of a process that has ended are removed by the next command that writes to their folder. */
const OLD_MS = 3_600_000;

test.each([
  ["SIGINT", 130],
  ["SIGKILL", "SIGKILL"],
] as const)("a compaction of parts that %s ends leaves none of them", async (signal, code) => {
  const at = (name: string): string => join(mkdtempSync(join(folder, "parts-")), name);
  const [rows, changes, output] = [at("rows.jsonl"), at("rows.midxd"), at("new.json")];
  const line = (i: number) => `{"id": "item ${i}", "vector": [${Math.sin(i)}, ${Math.cos(3 * i)}, 1, 2]}\n`;
  writeFileSync(rows, Array.from({ length: 3000 }, (_, i) => line(i)).join(""));
  const manifest = join(at(""), "manifest.json");
  await succeed("build", rows, "--parts", "3", "--calibrate", "off", "-o", join(manifest, ".."));
  await succeed("changes", manifest, rows, "-o", changes);
  const argv = ["compact", manifest, "--changes", changes, "--calibrate", "full", "--json", "-o", output];
  const child = spawn(process.execPath, [cli.cli, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  for await (const text of child.stdout) if (String(text).includes('"phase":"compact","done":1')) break;
  child.kill(signal);
  expect(await ended(child)).toBe(code);
  const out = join(output, "..");
  const { removed } = await sweepTemporaryFiles(out, Date.now() + OLD_MS);
  expect(removed.length).toBeGreaterThanOrEqual(signal === "SIGKILL" ? 1 : 0);
  expect(readdirSync(out)).toEqual([]);
  await succeed("compact", manifest, "--changes", changes, "--calibrate", "carry", "-o", output);
  const { parts } = JSON.parse(readFileSync(output, "utf8")) as { parts: { file: string }[] };
  expect(readdirSync(out).sort()).toEqual(["new.json", ...parts.map((part) => part.file)]);
});
