import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "midx-draw-"));
afterAll(() => rmSync(copy, { recursive: true }));

test("the tables and figures of the pages are those of the committed measurements", () => {
  const isOwn = (path: string): boolean => !path.endsWith("node_modules");
  for (const name of ["bench", "docs", "README.md", "package.json"]) {
    cpSync(join(root, name), join(copy, name), { recursive: true, filter: isOwn });
  }
  for (const name of ["src", "build", "node_modules"]) symlinkSync(join(root, name), join(copy, name));
  execFileSync(process.execPath, ["bench/draw.ts"], { cwd: copy });
  for (const name of ["README.md", ...readdirSync(join(root, "docs")).map((page) => `docs/${page}`)]) {
    expect(readFileSync(join(copy, name), "utf8"), name).toBe(readFileSync(join(root, name), "utf8"));
  }
});
