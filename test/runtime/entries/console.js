// Node, Deno and Bun: prints the report.
import * as library from "midx";
import { build } from "midx/train";
import * as files from "./files.js";
import { buildGolden, keepPromises } from "./program.js";

console.log(JSON.stringify({ ...(await keepPromises(library, files)), built: await buildGolden(build) }));
