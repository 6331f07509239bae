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
