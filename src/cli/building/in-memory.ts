import type { Matrix } from "../../train/index.ts";
import { readQueriesFor } from "../arguments/fit-queries.ts";
import { measuredOf } from "../arguments/held-out.ts";
import { readWarm } from "../arguments/warm-from.ts";
import { replaceFile } from "../files/replace-file.ts";
import { type EmbeddingInput, readAll } from "../inputs/input.ts";
import {
  type BuildCall,
  droppedOf,
  type LeftOut,
  leftOutOf,
  libraryOptions,
  openEmbeddings,
  readVectors,
  type Vectors,
} from "./embeddings.ts";
import { copiesItems, hasOtherClasses, readEncoderModel } from "./encoder-model.ts";
import { queriesToCalibrate } from "./options.ts";
import type { BuiltIndex } from "./report.ts";
import { buildTimed, measureBuilt } from "./timed-build.ts";
import { tune } from "./tune.ts";

/** Builds and measures an index. The file is written only after the library has read it back. */
export async function buildInMemory(call: BuildCall): Promise<BuiltIndex> {
  const { options, progress, pool, openRemote } = call;
  const { output } = options;
  const table = await readTable(call);
  const { queries, origin, fitting } = await readQueriesFor(
    table,
    { ...options, openRemote, columnsOf: { path: call.path, inputColumns: table.inputColumns } },
    queriesToCalibrate(options),
  );
  const warm = await readWarm(options);
  const { encoder } = await readEncoderModel(options, table);
  const encoderIsOther = encoder !== undefined && hasOtherClasses(encoder, table);
  const given = {
    ...libraryOptions(call, table),
    ...(encoder && { encoder }),
    ...(origin === "file" && { queries }),
    ...fitting,
  };
  const tuning =
    options.tune && table.shape[0] > 0
      ? await tune(table, given, measuredOf(queries, ...table.shape), call)
      : undefined;
  const common = { ...given, ...tuning?.taken };
  const built = await buildTimed(table, { ...common, ...warm }, pool);
  await replaceFile(output, built.bytes);
  const measuredQueries = measuredOf(queries, ...table.shape);
  const measured = await measureBuilt(built, measuredQueries, progress, pool);
  const encoderCopiesItems = encoder !== undefined && copiesItems(encoder, measured.info);
  const result = {
    output,
    origin,
    ...measured,
    ...droppedOf(options, table),
    ...leftOutOf(table),
    ...(encoderIsOther && { encoderIsOther }),
    ...(encoderCopiesItems && { encoderCopiesItems }),
    ...(tuning && { tuning }),
  };
  if (!options.compare) return result;
  const { quantizer, metric, codewordCount } = measured.info;
  const alike = { ...common, quantizer, metric, bits: 31 - Math.clz32(codewordCount) };
  return {
    ...result,
    fromScratch: await measureBuilt(await buildTimed(table, alike, pool), measuredQueries, progress, pool),
  };
}

async function readTable(call: BuildCall): Promise<Matrix & Vectors & LeftOut & Pick<EmbeddingInput, "dropped">> {
  const input = await openEmbeddings(call);
  try {
    return {
      ...(await readAll(input)),
      ...(await readVectors(input)),
      dropped: input.dropped,
      unusedBiases: input.unusedBiases,
      unusedKeys: input.unusedKeys,
      inputColumns: input.inputColumns,
    };
  } finally {
    await input.close();
  }
}
