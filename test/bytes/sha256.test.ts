import { createHash } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { sha256 } from "../../src/bytes/sha256.ts";
import { load } from "../../src/index.ts";
import { build } from "../../src/train/index.ts";
import { randomRows } from "../train/rows.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("pages that are served over plain HTTP, which have no crypto.subtle, compute the same hash", async () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 100_003]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length) & 255);
    const expected = createHash("sha256").update(bytes).digest("hex");
    expect(await sha256(bytes), `${length} bytes`).toBe(expected);
    vi.stubGlobal("crypto", {});
    expect(await sha256(bytes), `${length} bytes without crypto.subtle`).toBe(expected);
    vi.unstubAllGlobals();
  }
});

test("load needs no crypto.subtle", async () => {
  const file = await build({ data: randomRows(80, 1), shape: [20, 4] }, { seed: 1 });
  const { contentId } = (await load(file)).info;
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  expect((await load(file)).info.contentId).toBe(contentId);
});
