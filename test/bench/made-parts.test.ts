import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { madeParts } from "../../bench/scale-out/made-parts.ts";
import { startProcesses, startServe } from "../../bench/scale-out/services.ts";
import { makeFolder } from "../cli/files.ts";
import { succeed } from "../cli/tasks/words.ts";

// The parts of npm run bench:scale-out, and the processes that serve them.

test("a manifest of made parts is one that midx verifies", async () => {
  const { folder } = await madeParts(join(makeFolder(), "parts"), 600, 2);
  expect(await succeed("verify", join(folder, "manifest.json"))).toContain(", 2 parts");
});

/** A program in place of midx. */
function program(text: string): string {
  const path = join(makeFolder(), "program.mjs");
  writeFileSync(path, text);
  return path;
}

test("a process that ends before it serves is an error", async () => {
  await expect(startServe(program("process.exitCode = 2;"), ["manifest.json"])).rejects.toThrow("ended with 2");
});

test("where the router ends, the parts that were started are stopped", async () => {
  const made = await madeParts(join(makeFolder(), "parts"), 400, 2);
  const log = join(makeFolder(), "pids");
  const cli = program(`
    import { appendFileSync } from "node:fs";
    if (!process.argv.includes("--part")) process.exit(1);
    appendFileSync(${JSON.stringify(log)}, process.pid + " ");
    console.log(JSON.stringify({ url: "http://127.0.0.1:1" }));
    setInterval(() => undefined, 1000);
  `);
  await expect(startProcesses(cli, made)).rejects.toThrow("ended with 1");
  const pids = readFileSync(log, "utf8").trim().split(" ").map(Number);
  expect(pids).toHaveLength(2);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});
