import { chunkRowsOf, tableOf } from "../../train/rows/row-table.ts";
import { readQueriesFor } from "../arguments/fit-queries.ts";
import { measuredOf } from "../arguments/held-out.ts";
import { readWarm } from "../arguments/warm-from.ts";
import { replaceFile } from "../files/replace-file.ts";
import { fileTable } from "../inputs/file-table.ts";
import { type EmbeddingInput, readAll } from "../inputs/input.ts";
import { type BuildCall, droppedOf, leftOutOf, libraryOptions, openEmbeddings, readVectors } from "./embeddings.ts";
import { copiesItems, hasOtherClasses, readEncoderModel } from "./encoder-model.ts";
import { queriesToCalibrate } from "./options.ts";
import type { BuiltIndex } from "./report.ts";
import { buildTimed, measureBuilt } from "./timed-build.ts";
import { tune } from "./tune.ts";

/**
 * Builds and measures an index, which is in memory. The file is written only after the library has read it back. Rows are read
 * from their file as often as they are needed, or once, where that would take long.
 */
export async function buildInMemory(call: BuildCall): Promise<BuiltIndex> {
  const input = await openEmbeddings(call);
  try {
    return await buildFrom(input, call);
  } finally {
    await input.close();
  }
}

async function buildFrom(input: EmbeddingInput, call: BuildCall): Promise<BuiltIndex> {
  const { options, progress, pool, openRemote } = call;
  const { output } = options;
  const shape = [input.itemCount, input.dim] as const;
  // An encoder may copy the rows, and is compared with them.
  const whole = !input.readsAgain || options.encoder !== undefined ? await readAll(input) : undefined;
  const table = whole ? tableOf(whole) : fileTable(input, chunkRowsOf(input.dim));
  const { queries, origin, fitting } = await readQueriesFor(
    table,
    { ...options, openRemote, columnsOf: { path: call.path, inputColumns: input.inputColumns } },
    queriesToCalibrate(options),
  );
  const warm = await readWarm(options);
  const classes = whole ?? { data: new Float32Array(0), shape };
  const { encoder } = await readEncoderModel(options, classes);
  const encoderIsOther = encoder !== undefined && hasOtherClasses(encoder, classes);
  const given = {
    ...libraryOptions(call, await readVectors(input)),
    ...(encoder && { encoder }),
    ...(origin === "file" && { queries }),
    ...fitting,
  };
  const tuning =
    options.tune && input.itemCount > 0 ? await tune(table, given, measuredOf(queries, ...shape), call) : undefined;
  const common = { ...given, ...tuning?.taken };
  const built = await buildTimed(table, { ...common, ...warm }, pool);
  await replaceFile(output, built.bytes);
  const measuredQueries = measuredOf(queries, ...shape);
  const measured = await measureBuilt(built, measuredQueries, progress, pool);
  const encoderCopiesItems = encoder !== undefined && copiesItems(encoder, measured.info);
  const result = {
    output,
    origin,
    ...measured,
    ...droppedOf(options, input),
    ...leftOutOf(input),
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
