import { type IndexHeader, parse } from "../../format/header.ts";
import { sectionCount } from "../../format/sections.ts";
import { type StatisticsFacts, statisticsSection } from "../../format/statistics.ts";
import { STATISTICS, STATISTICS_VERSION } from "../../format/statistics-values.ts";
import type { TensorName } from "../../format/tensor-spec.ts";
import { checksumWith } from "../../memory/checksum.ts";
import { instantiateQuery, type Modules } from "../../memory/kernels.ts";
import { bandOfClasses, type DefaultAnswer, packedBands, statisticsOf, unpackedBands } from "./query-statistics.ts";
import { rewriteIndex } from "./rewrite-index.ts";

/**
 * Writes an index file with statistics of these answers, in place of those that it may have. The bands of the classes are
 * those of the file, or follow from its biases.
 */
export function putStatistics(
  modules: Modules,
  file: Uint8Array,
  basis: Pick<StatisticsFacts, "source" | "queryCount">,
  answers: readonly DefaultAnswer[],
): Uint8Array<ArrayBuffer> {
  const checksum = checksumWith(instantiateQuery(modules.query));
  const header = parse(file, file.byteLength, checksum);
  const bandOf = bandsOf(file, header);
  const { ignored = [], ...known } = header.facts;
  const others = withoutOlder(ignored);
  const facts = { ...known, ...(others.length > 0 && { ignored: others }) };
  const own = { ...basis, popularity: bandOf ? "known" : "none" } as const;
  const section = statisticsSection(own, facts, sectionCount(facts));
  const { buffer } = statisticsOf(answers, bandOf);
  const replaced = {
    [`${STATISTICS}.values`]: new Uint8Array(buffer),
    ...(bandOf && { [`${STATISTICS}.bands`]: packedBands(bandOf) }),
  };
  return rewriteIndex(file, header, { ...facts, ignored: [...others, section] }, replaced, checksum);
}

type Ignored = NonNullable<IndexHeader["facts"]["ignored"]>;

/** Returns the sections without older statistics, whose place the sections behind them take. */
function withoutOlder(ignored: Ignored): Ignored {
  const older = ignored.find(({ name }) => name === STATISTICS)?.at ?? Number.POSITIVE_INFINITY;
  return ignored
    .filter(({ at }) => at !== older)
    .map((section) => (section.at > older ? { ...section, at: section.at - 1 } : section));
}

/** Reads the bands of the classes that a file states. Undefined if it has none that this program knows. */
export function storedBands(file: Uint8Array, { facts, tensors }: IndexHeader): Uint8Array | undefined {
  const place = tensors[`${STATISTICS}.bands`];
  const { version } = facts.ignored?.find(({ name }) => name === STATISTICS) ?? {};
  if (!place || version !== STATISTICS_VERSION) return undefined;
  return unpackedBands(file.subarray(place.begin, place.end), facts.itemCount);
}

/** Reads the bands of the classes of a file. Undefined if nothing in it says how popular they are. */
function bandsOf(file: Uint8Array, header: IndexHeader): Uint8Array | undefined {
  const { facts, tensors } = header;
  const stored = storedBands(file, header);
  if (stored) return stored;
  const bytesOf = (name: TensorName): ArrayBuffer | undefined => {
    const place = tensors[name];
    return place && Uint8Array.from(file.subarray(place.begin, place.end)).buffer;
  };
  const [bias, ids] = [bytesOf("bias"), bytesOf("ids")];
  if (bias === undefined || ids === undefined) return undefined;
  const [biasAt, idAt] = [new Float32Array(bias), new Int32Array(ids)];
  const byId = new Float32Array(facts.itemCount);
  for (let at = 0; at < facts.itemCount; at++) byId[idAt[at] as number] = biasAt[at] as number;
  return bandOfClasses({ bias: byId });
}
