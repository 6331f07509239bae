import { fastest, fastestOf, type PeerMeasured, type PeerSet, type PeersResult, pointsOf } from "./peers-result.ts";
import { kinds, titleOf } from "./peers-table.ts";

/** The numbers of rows that the targets are stated for. */
const [SMALL, LARGE] = [99_000, 340_479] as const;

/** The targets, for each of this library's two scan modules, and whether they are met. */
export function targetLines({ sets }: PeersResult): string {
  const glove = sets.filter(({ name, metric }) => name === "GloVe" && metric === "dot");
  const small = glove.find(({ count }) => count <= SMALL);
  const large = glove.find(({ count }) => count === LARGE);
  const lines: string[] = [];
  const compare = (what: string, ours: number | undefined, other: number | undefined, most: number): void => {
    const known = ours !== undefined && other !== undefined;
    const verdict = known
      ? `${(ours / other).toFixed(3)}, ${ours / other <= most ? "met" : "NOT met"}`
      : "not measured";
    lines.push(`${what}: ${verdict} (at most ${most.toFixed(3)}: ${format(ours)} against ${format(other)})`);
  };
  for (const name of ["midx, base SIMD", "midx"] as const) {
    lines.push(`${name}${name === "midx" ? " (relaxed SIMD)" : ""}`);
    const timesOf = (set: PeerSet | undefined, recall: number, mostWasm: number, mostNative?: number): void => {
      if (!set) return;
      const { wasm, native } = kinds(set);
      const ours = fastestOf(own(set, name), 10, recall)?.micros;
      const what = `  µs at recall@10 ≥ ${recall}, ${set.count} rows`;
      compare(`${what}, of hnswlib-wasm`, ours, fastestOf(wasm, 10, recall)?.micros, mostWasm);
      if (mostNative !== undefined)
        compare(`${what}, of the fastest native`, ours, fastestOf(native, 10, recall)?.micros, mostNative);
    };
    timesOf(small, 0.95, 1 / 5, 1);
    timesOf(large, 0.95, 1 / 4, 1.2);
    for (const set of [small, large]) timesOf(set, 0.99, 1 / 4);
    for (const set of sets) {
      const exact = pointsOf(named(set, name) ?? NONE, 10).find(({ label }) => label === "exact")?.micros;
      for (const [scan, recall] of SCANS[name]) {
        const micros = fastest(named(set, scan) ?? NONE, 10, recall)?.micros;
        compare(`  certified, µs, ${titleOf(set)}, of ${scan}`, exact, micros, 1.05);
      }
    }
  }
  for (const set of sets) {
    const scan = fastest(named(set, "plain scan int8, relaxed") ?? NONE, 10, 0.999)?.micros;
    const refined = named(set, "midx, residuals") ?? NONE;
    const exact = pointsOf(refined, 10).find(({ label }) => label === "exact")?.micros;
    const most = set.count > SMALL + 1000 ? 0.3 : 0.5;
    compare(`residuals, certified, µs, ${titleOf(set)}, of the relaxed scan`, exact, scan, 1.05);
    compare(
      `residuals, @10 ≥ 0.99, ${titleOf(set)}, of the relaxed scan`,
      fastest(refined, 10, 0.99)?.micros,
      scan,
      most,
    );
  }
  if (small) {
    const ours = named(small, "midx");
    const of = (name: string): PeerMeasured | undefined => named(small, name);
    compare("build, of hnswlib-wasm", ours?.buildSeconds, of("hnswlib-wasm")?.buildSeconds, 1 / 5);
    compare("build, of usearch f16", ours?.buildSeconds, of("usearch f16")?.buildSeconds, 1 / 2);
    const used = [ours, named(small, "midx, f16 rows")].find((index) => index && fastest(index, 10, 0.95));
    compare("bytes, of hnswlib-node", used?.bytes, of("hnswlib-node")?.bytes, 1 / 3);
    compare("bytes, of usearch f16", used?.bytes, of("usearch f16")?.bytes, 0.7);
  }
  return lines.join("\n");
}

/** The plain scans with the same instructions, and the recall they must reach. */
const SCANS = {
  "midx, base SIMD": [
    ["plain scan f32", 0],
    ["plain scan int8", 0.999],
  ],
  midx: [["plain scan int8, relaxed", 0.999]],
} as const;

const OTHER_ROWS = ["midx, residuals", "midx, f16 rows"];

const NONE = { curves: [] as PeerMeasured["curves"] } as PeerMeasured;

const named = ({ contenders }: PeerSet, name: string): PeerMeasured | undefined =>
  contenders.find((contender) => contender.name === name);

/** The index of this name. With relaxed SIMD, also those with other rows. */
function own(set: PeerSet, name: string): PeerMeasured[] {
  return set.contenders.filter((c) => c.name === name || (name === "midx" && OTHER_ROWS.includes(c.name)));
}

const format = (value: number | undefined): string =>
  value === undefined ? "–" : value.toLocaleString("en", { maximumFractionDigits: 1 });
