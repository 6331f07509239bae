import { vi } from "vitest";

/** Runs examples/ab-testing/simulate.js for a folder and returns what it prints. */
export async function simulateShop(folder: string): Promise<string> {
  vi.resetModules(); // suites share a process, and a module runs once
  const [argv, log] = [process.argv, console.log];
  let printed = "";
  process.argv = ["node", "simulate.js", folder];
  console.log = (line: string) => {
    printed += `${line}\n`;
  };
  try {
    await import("../examples/ab-testing/simulate.js");
    return printed;
  } finally {
    [process.argv, console.log] = [argv, log];
  }
}
