import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { replaceFile } from "../../src/cli/files/replace-file.ts";
import { makeFolder } from "./files.ts";

describe("replaceFile", () => {
  test("creates the file, or puts a new one in the place of the old", async () => {
    const folder = makeFolder();
    const path = join(folder, "file");
    await replaceFile(path, Buffer.from("one"));
    const before = statSync(path).ino;
    await replaceFile(path, Buffer.from("two"));
    expect(readFileSync(path, "utf8")).toBe("two");
    expect(statSync(path).ino).not.toBe(before);
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("a reader of the old file keeps all of it", async () => {
    const path = join(makeFolder(), "file");
    writeFileSync(path, "old");
    const reader = await open(path);
    await replaceFile(path, Buffer.from("new and longer"));
    expect(await reader.readFile("utf8")).toBe("old");
    await reader.close();
  });

  test("leaves nothing behind where the file can't be put in its place", async () => {
    const folder = makeFolder();
    mkdirSync(join(folder, "file"));
    await expect(replaceFile(join(folder, "file"), Buffer.from("new"))).rejects.toThrow();
    await expect(replaceFile(join(folder, "none", "file"), Buffer.from("new"))).rejects.toThrow("none");
    expect(readdirSync(folder)).toEqual(["file"]);
  });
});
