import { inject } from "vitest";
import { tool } from "./commands.ts";
import { execute } from "./execute.ts";
import { describeBuildingPromises } from "./promises.ts";

/** Without any permission and without the network. */
const OFFLINE = ["--no-prompt", "--no-remote"];

describeBuildingPromises("Deno", async () =>
  JSON.parse(await execute(inject("installed"), tool("deno"), "run", ...OFFLINE, "console.js")),
);
