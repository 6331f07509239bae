import { expect, inject, test } from "vitest";
import { onMachine, tool } from "./commands.ts";
import { execute } from "./execute.ts";
import { describeBuildingPromises } from "./promises.ts";

const installed = inject("installed");

/**
 * The commands of the Node of the machine, which in CI is version 20, the oldest supported, of the pinned Node of the tools, and of
 * the one that MIDX_NODE names: a path, or an emulator and a path for another processor.
 */
const NODES = [onMachine("node"), tool("node"), process.env.MIDX_NODE]
  .filter((node) => node !== undefined)
  .map((node) => node.split(" ") as [string, ...string[]]);

for (const node of NODES) {
  const [version, processor] = (await execute(installed, ...node, "-p", "process.version + ' ' + process.arch")).split(
    " ",
  );
  const name = `Node ${version} on ${processor?.trim()}`;

  describeBuildingPromises(name, async () => JSON.parse(await execute(installed, ...node, "console.js")));

  test(`the command line reads an index in ${name}`, async () => {
    const command = ["node_modules/midx/dist/cli.js", "inspect", "examples/next-word/next-word.midx", "--json"];
    expect(JSON.parse(await execute(installed, ...node, ...command))).toMatchObject({
      info: { itemCount: 10_000, dim: 100 },
    });
  });
}
