// A page: leaves a promise of the report.
import * as library from "midx";
import { openEncoder } from "midx/encoder";
import { build, createSampler, train, trainSequences } from "midx/train";
import * as files from "./files.js";
import {
  attentionGolden,
  buildGolden,
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
    built: await buildGolden(build),
    trained: await trainGolden(train),
    samplers: await samplersGolden(createSampler),
    sequences: await sequencesGolden({ ...library, build, trainSequences, openEncoder }),
    attention: await attentionGolden({ ...library, build, trainSequences, openEncoder }),
  };
})();
