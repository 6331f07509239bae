// A page: leaves a promise of the report.
import * as library from "midx";
import { build } from "midx/train";
import * as files from "./files.js";
import { buildGolden, keepPromises } from "./program.js";

globalThis.report = (async () => ({ ...(await keepPromises(library, files)), built: await buildGolden(build) }))();
