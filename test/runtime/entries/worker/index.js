// A Worker: answers /report with the report, and with the answers of modules that it imports by their public names. It builds and
// trains by the sources of midx/train, with kernels that it imports.
import * as library from "midx";
import { applyChanges } from "midx/changes";
import { openEncoder } from "midx/encoder";
import { PartedIndex, partOf } from "midx/parts";
import exact from "midx/wasm/exact.wasm";
import query from "midx/wasm/query.wasm";
import scan from "midx/wasm/scan.wasm";
import * as files from "../files.js";
import { buildingReport, hashAnswers } from "../program.js";
import * as training from "./train.js";

async function report() {
  const whole = { ...library, ...training, applyChanges, openEncoder, PartedIndex, partOf };
  return {
    ...(await buildingReport(whole, files)),
    ofGivenModules: await hashAnswers(await library.load(files.golden, { modules: { query, exact, scan } })),
  };
}

export default {
  async fetch({ url }) {
    return url.endsWith("/report") ? Response.json(await report()) : new Response("ready");
  },
};
