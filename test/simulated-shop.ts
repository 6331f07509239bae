import type { MultiIndex } from "../src/index.ts";

/** A module runs once at each of its addresses, and suites share a process. */
let runs = 0;

/** Runs examples/ab-testing/simulate.js for a folder and returns what it prints. */
export async function simulateShop(folder: string): Promise<string> {
  const [argv, log] = [process.argv, console.log];
  let printed = "";
  process.argv = ["node", "simulate.js", folder];
  console.log = (line: string) => {
    printed += `${line}\n`;
  };
  try {
    await import(`../examples/ab-testing/simulate.js?run=${runs++}`);
    return printed;
  } finally {
    [process.argv, console.log] = [argv, log];
  }
}

/** Returns the rows of an index as text, one line per class. */
export function csvOf(index: MultiIndex): string {
  const { itemCount, dim } = index.info;
  const rows = index.rows(Int32Array.from({ length: itemCount }, (_, id) => id));
  const line = (id: number) => `${Array.from(rows.subarray(id * dim, (id + 1) * dim)).join(",")}\n`;
  return Array.from({ length: itemCount }, (_, id) => line(id)).join("");
}
