import { expect, inject, test } from "vitest";
import { onMachine, tool } from "./commands.ts";
import { execute } from "./execute.ts";
import { describeBuildingPromises } from "./promises.ts";

const installed = inject("installed");

/** The Node of the machine, which in CI is version 20, the oldest supported, and the pinned Node of the tools. */
const NODES = [onMachine("node"), tool("node")].filter((node) => node !== undefined);

for (const node of NODES) {
  const version = (await execute(installed, node, "--version")).trim();

  describeBuildingPromises(`Node ${version}`, async () => JSON.parse(await execute(installed, node, "console.js")));

  test(`the command line reads an index in Node ${version}`, async () => {
    const command = ["node_modules/midx/dist/cli.js", "inspect", "examples/next-word/next-word.midx", "--json"];
    expect(JSON.parse(await execute(installed, node, ...command))).toMatchObject({
      info: { itemCount: 10_000, dim: 100 },
    });
  });
}
