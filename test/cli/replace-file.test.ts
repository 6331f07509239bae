import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
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

  test.skipIf(process.platform === "win32")("keeps the permissions of the old file", async () => {
    const path = join(makeFolder(), "file");
    for (const mode of [0o600, 0o640, 0o664, 0o444]) {
      writeFileSync(path, "old", { flag: "wx" });
      chmodSync(path, mode);
      await replaceFile(path, Buffer.from("new"));
      expect(statSync(path).mode & 0o777).toBe(mode);
      rmSync(path);
    }
  });

  test("a reader of the old file keeps all of it", async () => {
    const path = join(makeFolder(), "file");
    writeFileSync(path, "old");
    const reader = await open(path);
    await replaceFile(path, Buffer.from("new and longer"));
    expect(await reader.readFile("utf8")).toBe("old");
    await reader.close();
  });

  test.each(["there", "not yet there"])("writes the file that a link names, which is %s", async (state) => {
    const folder = makeFolder();
    mkdirSync(join(folder, "data"));
    const target = join(folder, "data", "file");
    if (state === "there") writeFileSync(target, "old");
    symlinkSync(join("data", "file"), join(folder, "inner"));
    symlinkSync("inner", join(folder, "outer"));
    await replaceFile(join(folder, "outer"), Buffer.from("new"));
    expect(readFileSync(target, "utf8")).toBe("new");
    expect(readlinkSync(join(folder, "outer"))).toBe("inner");
    expect(readlinkSync(join(folder, "inner"))).toBe("data/file");
    expect(readdirSync(join(folder, "data"))).toEqual(["file"]);
  });

  test("names the link that leads nowhere", async () => {
    const folder = makeFolder();
    symlinkSync("b", join(folder, "a"));
    symlinkSync("a", join(folder, "b"));
    await expect(replaceFile(join(folder, "a"), Buffer.from("new"))).rejects.toMatchObject({ code: "ELOOP" });
    symlinkSync("none/file", join(folder, "c"));
    await expect(replaceFile(join(folder, "c"), Buffer.from("new"))).rejects.toMatchObject({ path: join(folder, "c") });
    expect(readdirSync(folder)).toEqual(["a", "b", "c"]);
  });

  test("leaves nothing behind where the file can't be put in its place", async () => {
    const folder = makeFolder();
    mkdirSync(join(folder, "file"));
    await expect(replaceFile(join(folder, "file"), Buffer.from("new"))).rejects.toThrow();
    await expect(replaceFile(join(folder, "none", "file"), Buffer.from("new"))).rejects.toThrow("none");
    expect(readdirSync(folder)).toEqual(["file"]);
  });
});
