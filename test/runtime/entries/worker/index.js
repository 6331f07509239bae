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
import {
  attentionGolden,
  buildGolden,
  callsGolden,
  encodedGolden,
  hashAnswers,
  keepPromises,
  samplersGolden,
  sequencesGolden,
  trainGolden,
} from "../program.js";
import { build, createSampler, train, trainSequences } from "./train.js";

async function report() {
  const sequences = { ...library, build, trainSequences, openEncoder };
  return {
    ...(await keepPromises(library, files)),
    ofGivenModules: await hashAnswers(await library.load(files.golden, { modules: { query, exact, scan } })),
    encoded: await encodedGolden({ ...library, openEncoder }, files.encoder),
    calls: await callsGolden({ ...library, build, applyChanges, PartedIndex, partOf }),
    built: await buildGolden(build),
    trained: await trainGolden(train),
    samplers: await samplersGolden(createSampler),
    sequences: await sequencesGolden(sequences),
    attention: await attentionGolden(sequences),
  };
}

export default {
  async fetch({ url }) {
    return url.endsWith("/report") ? Response.json(await report()) : new Response("ready");
  },
};
