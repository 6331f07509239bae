import { inject } from "vitest";
import { onMachine, tool } from "./commands.ts";
import { execute } from "./execute.ts";
import { describeBuildingPromises } from "./promises.ts";

const run = async (node: string) => JSON.parse(await execute(inject("installed"), node, "console.js"));

const machine = onMachine("node");
if (machine) {
  const version = (await execute(".", machine, "--version")).trim();
  describeBuildingPromises(`the machine's Node, ${version}`, () => run(machine));
}
describeBuildingPromises("Node 24", () => run(tool("node")));
