import {
  ALL_FOUND,
  type AskedSet,
  askedOf,
  isOurs,
  type PeerMeasured,
  type PeersResult,
  pointsOf,
  ranked,
} from "./result.ts";
import { titleOf } from "./table.ts";

/** Sets of more rows have the targets of 340,000 rows, others those of 100,000. */
const SMALL = 100_000;
/** The recall that a scan must reach to be compared with exact answers. */
const NEARLY_ALL = 0.999;

/** The largest ratios of times by which the targets are met. */
const MOST = { fastScan: 0.6, exact: 1.05, small: 0.5, large: 0.3 } as const;

const FAST_SCANS = ["faiss PQ4fs", "faiss IVF1024,PQ4fs"];
const RELAXED = "plain scan int8, relaxed";

/** Returns the targets of top-k, and whether they are met, for each kind of queries of each set. */
export function targetLines({ sets }: PeersResult): string {
  return [...askedOf(sets).flatMap(timeLines), ...costLines(sets[0]?.contenders ?? [])].join("\n");
}

function timeLines({ set, kind, contenders }: AskedSet): string[] {
  const ours = contenders.filter(isOurs);
  const best = (among: readonly PeerMeasured[], recall: number): number | undefined =>
    ranked(among, 10, recall)[0]?.micros;
  const named = (...names: string[]): PeerMeasured[] => contenders.filter(({ name }) => names.includes(name));
  const certified = (among: readonly PeerMeasured[], recall: number): number | undefined => {
    const points = among.flatMap((one) => pointsOf(one, 10));
    const exact = points.filter((point) => point.label === "exact" && point.recall >= recall);
    return exact.length > 0 ? Math.min(...exact.map(({ micros }) => micros)) : undefined;
  };
  const scan = best(named(RELAXED), NEARLY_ALL);
  const near = set.count > SMALL ? MOST.large : MOST.small;
  const base = named("midx, base SIMD");
  return [
    `${titleOf(set)}, ${kind}, k = 10`,
    compare("  ≥ .95, of faiss fast-scan", best(ours, 0.95), best(named(...FAST_SCANS), 0.95), MOST.fastScan),
    compare(`  ≥ .99, of the ${RELAXED}`, best(ours, 0.99), scan, near),
    compare(`  exact, of the ${RELAXED}`, certified(ours, ALL_FOUND), scan, MOST.exact),
    `  the VNNI scan takes ${format(best(named("VNNI scan"), NEARLY_ALL))} µs`,
    ...(base.length > 0
      ? ["plain scan f32", "plain scan int8"].map((name) => {
          const other = best(named(name), NEARLY_ALL);
          return compare(`  exact, base SIMD, of the ${name}`, certified(base, 0), other, MOST.exact);
        })
      : []),
  ];
}

/** Returns the targets of builds and files. */
function costLines(contenders: readonly PeerMeasured[]): string[] {
  const named = (wanted: string): PeerMeasured | undefined => contenders.find(({ name }) => name === wanted);
  const [ours, wasm, node, usearch] = ["midx", "hnswlib-wasm", "hnswlib-node", "usearch f16"].map(named);
  return [
    compare("build, of hnswlib-wasm", ours?.buildSeconds, wasm?.buildSeconds, 1 / 5),
    compare("build, of usearch f16", ours?.buildSeconds, usearch?.buildSeconds, 1 / 2),
    compare("bytes, of hnswlib-node", ours?.bytes, node?.bytes, 1 / 3),
    compare("bytes, of usearch f16", ours?.bytes, usearch?.bytes, 0.7),
  ];
}

function compare(what: string, ours: number | undefined, other: number | undefined, most: number): string {
  const ratio = ours !== undefined && other !== undefined ? ours / other : undefined;
  const verdict = ratio === undefined ? "not measured" : `${ratio.toFixed(3)}, ${ratio <= most ? "met" : "NOT met"}`;
  return `${what}: ${verdict} (at most ${most.toFixed(3)}: ${format(ours)} against ${format(other)})`;
}

const format = (value: number | undefined): string =>
  value === undefined ? "–" : value.toLocaleString("en", { maximumFractionDigits: 1 });
