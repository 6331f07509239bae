import { grouped, table } from "../page.ts";

/** The contents of bench/results/scale-builds.json. */
export interface ScaleBuildsResult {
  readonly machine: string;
  readonly node: string;
  readonly builds: readonly ScaleBuild[];
}

/** Builds of the same rows in several ways, the first of them by one process. */
export interface ScaleBuild {
  readonly rows: number;
  readonly dim: number;
  readonly parts: number;
  readonly ways: readonly WayCost[];
}

/** What all processes of a build took together. */
export interface WayCost {
  readonly name: keyof typeof NAMES;
  readonly cpuSeconds: number;
  /** The largest resident memory of a process. */
  readonly peakMebibytes: number;
}

const NAMES = {
  one: "one process",
  queue: "three workers, one killed with its task",
  parallel: "GNU parallel, 2 tasks at a time",
  slurm: "an array job of Slurm",
} as const;

/** Returns the costs of builds in parts, as Markdown. */
export function scaleBuildsTable({ machine, node, builds }: ScaleBuildsResult): string {
  const rows = builds.flatMap((build) =>
    build.ways.map(({ name, cpuSeconds, peakMebibytes }) => [
      `${build.rows.toLocaleString("en")} × ${build.dim}, ${build.parts} parts`,
      NAMES[name],
      cpuSeconds.toFixed(0),
      (cpuSeconds / (build.ways[0] as WayCost).cpuSeconds).toFixed(2),
      peakMebibytes.toFixed(0),
    ]),
  );
  return [
    `Measured on ${machine}, Node ${node}, with other programs running, so times are CPU time; made-up rows, with \`measure\`. The time of a killed worker is not counted.`,
    table(["rows", "way", "CPU s", "ratio", "largest process, MiB"], 2, grouped(rows)),
  ].join("\n\n");
}
