// Node, Deno and Bun: prints the report.
import * as library from "midx";
import { applyChanges } from "midx/changes";
import { openEncoder } from "midx/encoder";
import { PartedIndex, partOf } from "midx/parts";
import * as training from "midx/train";
import * as files from "./files.js";
import { buildingReport } from "./program.js";

const whole = { ...library, ...training, applyChanges, openEncoder, PartedIndex, partOf };
console.log(JSON.stringify(await buildingReport(whole, files)));
