import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildIndex } from "../../fixtures/build-index.ts";
import { makeFolder, writeInput } from "../files.ts";
import { noise } from "../noise.ts";
import { midx } from "../run.ts";

let files: Uint8Array<ArrayBuffer>[];
beforeAll(async () => {
  const file = (seed: number) => buildIndex({ data: noise(800, seed), shape: [100, 8] }, { bits: 2 });
  files = await Promise.all([file(1), file(2)]);
});

const KINDS: Record<string, (path: string) => unknown> = {
  "a pipe": (path) => execFileSync("mkfifo", [path]),
  "a device": (path) => symlinkSync("/dev/zero", path),
  "a folder": (path) => mkdirSync(path),
};

/** Returns the error of a second publication with something of this kind, instead of a file, at `path`. */
async function refusedWith(kind: string, path: string): Promise<string> {
  const folder = makeFolder();
  const [index = "", other = ""] = files.map((file, i) => writeInput(`${i}.midx`, file));
  await midx(["publish", index, "--folder", folder, "--key", "words.json", "--as", "one"]);
  KINDS[kind]?.(join(folder, path));
  const { code, stderr } = await midx([
    "publish",
    other,
    "--folder",
    folder,
    "--key",
    path.replace(/^\.|\.lock$/g, ""),
  ]);
  expect(code).toBe(1);
  return stderr.replaceAll(folder, "FOLDER");
}

describe.runIf(existsSync("/dev/zero"))("midx publish --folder refuses at once, unread,", () => {
  test.each(Object.keys(KINDS))("%s as a pointer", async (kind) => {
    expect(await refusedWith(kind, "current.json")).toBe(
      `error: folder FOLDER: current.json: expected a file, got ${kind}: ` +
        "choose another folder or --key, or move the existing one away\n",
    );
  });

  test.each(Object.keys(KINDS))("%s as a lock", async (kind) => {
    expect(await refusedWith(kind, ".words.json.lock")).toBe(
      `error: folder FOLDER: words.json: FOLDER/.words.json.lock: expected a file, got ${kind}: ` +
        "choose another folder or --key, or move the existing one away\n",
    );
  });
});
