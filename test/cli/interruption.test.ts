import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sweepTemporaryFiles } from "../../src/cli/process/temporary-files.ts";
import { bundleCli } from "./bundle.ts";
import { writeTable } from "./run.ts";
import { succeed } from "./tasks/words.ts";

const PROGRAM = fileURLToPath(new URL("held-program.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "midx-interrupted-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "temporary");

/** The end of a process, by its exit code or by a signal. */
const ended = async (child: ChildProcess): Promise<number | NodeJS.Signals> => {
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return code ?? (signal as NodeJS.Signals);
};

async function start(what: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM, what, file], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

test.each(SIGNALS)("%s ends a computation that nothing interrupts, if there is nothing to undo", async (signal) => {
  const child = await start("computes");
  child.kill(signal);
  expect(await ended(child)).toBe(signal);
});

test("a second signal ends what does not end by itself, and what is held is undone", async () => {
  const child = await start("waits");
  child.kill("SIGINT");
  await once(child.stdout as Readable, "data");
  child.kill("SIGTERM");
  expect(await ended(child)).toBe("SIGTERM");
  expect(existsSync(file)).toBe(false);
});

test.each(SIGNALS)("so does time after the first %s", async (signal) => {
  const child = await start("waits");
  child.kill(signal);
  expect(await ended(child)).toBe(signal);
  expect(existsSync(file)).toBe(false);
});

test.each(SIGNALS)("a command that ends when %s asks it to has the exit code %i", async (signal, code) => {
  const child = await start("ends");
  child.kill(signal);
  expect(await ended(child)).toBe(code);
});

test("nothing is undone after its release", async () => {
  const child = await start("released");
  child.kill("SIGTERM");
  expect(await ended(child)).toBe("SIGTERM");
  expect(existsSync(file)).toBe(true);
});

let cli: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  cli = await bundleCli();
});
afterAll(() => cli.remove());

test.each(SIGNALS)("a build on the disk that %s ends has the exit code %i and leaves no file", async (signal, code) => {
  const out = mkdtempSync(join(folder, "out-"));
  const argv = ["build", writeTable(60_000, 32), "--max-memory", "256", "--json", "-o", join(out, "x.midx")];
  const child = spawn(process.execPath, [cli.cli, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  await once(child.stdout, "data");
  child.kill(signal);
  expect(await ended(child)).toBe(code);
  expect(readdirSync(out)).toEqual([]);
});

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
