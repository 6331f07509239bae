import { onTestFinished, vi } from "vitest";

/** Pages that instances grow by from here on, read by calling what it returns. */
export function pagesGrown(): () => number {
  const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
  onTestFinished(() => grow.mockRestore());
  grow.mockClear();
  return () => grow.mock.calls.reduce((sum, [pages]) => sum + Number(pages), 0);
}
