// A page: leaves a promise of the report.
import * as library from "midx";
import { applyChanges } from "midx/changes";
import { openEncoder } from "midx/encoder";
import { PartedIndex, partOf } from "midx/parts";
import { build, createSampler, train, trainSequences } from "midx/train";
import * as files from "./files.js";
import {
  attentionGolden,
  buildGolden,
  callsGolden,
  encodedGolden,
  keepPromises,
  samplersGolden,
  sequencesGolden,
  trainGolden,
} from "./program.js";

globalThis.report = (async () => {
  const report = await keepPromises(library, files);
  return {
    ...report,
    encoded: await encodedGolden({ ...library, openEncoder }, files.encoder),
    calls: await callsGolden({ ...library, build, applyChanges, PartedIndex, partOf }),
    built: await buildGolden(build),
    trained: await trainGolden(train),
    samplers: await samplersGolden(createSampler),
    sequences: await sequencesGolden({ ...library, build, trainSequences, openEncoder }),
    attention: await attentionGolden({ ...library, build, trainSequences, openEncoder }),
  };
})();
