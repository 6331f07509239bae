import { inject } from "vitest";
import { tool } from "./commands.ts";
import { execute } from "./execute.ts";
import { describeBuildingPromises } from "./promises.ts";

describeBuildingPromises("Bun", async () => JSON.parse(await execute(inject("installed"), tool("bun"), "console.js")));
