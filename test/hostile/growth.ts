import { onTestFinished, vi } from "vitest";

/** Counts the pages that instances grow by from now on. The function that it returns reads the count. */
export function pagesGrown(): () => number {
  const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
  onTestFinished(() => grow.mockRestore());
  grow.mockClear();
  return () => grow.mock.calls.reduce((sum, [pages]) => sum + Number(pages), 0);
}
