// Node, Deno and Bun: prints the report.
import * as library from "midx";
import { build, train } from "midx/train";
import * as files from "./files.js";
import { buildGolden, keepPromises, trainGolden } from "./program.js";

const report = await keepPromises(library, files);
console.log(JSON.stringify({ ...report, built: await buildGolden(build), trained: await trainGolden(train) }));
