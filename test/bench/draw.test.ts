import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";

const written = vi.hoisted(() => new Map<string, string[]>());

vi.mock(import("node:fs"), async (importOriginal) => {
  const fs = await importOriginal();
  const writeFileSync = (path: URL, text: string): void => {
    written.set(path.pathname, [...(written.get(path.pathname) ?? []), text]);
  };
  return { ...fs, writeFileSync: writeFileSync as typeof fs.writeFileSync };
});

test("the tables and figures of the pages are those of the committed measurements", async () => {
  await import("../../bench/draw.ts");
  expect(written.size).toBeGreaterThan(25);
  for (const [path, texts] of written) {
    for (const text of texts) expect(text, path).toBe(readFileSync(path, "utf8"));
  }
});
