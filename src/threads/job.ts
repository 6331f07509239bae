import { BLOCK_ROWS, type RowsInMemory } from "../answers/row-blocks.ts";
import { massScan, type ScanBlock, sevenBitScan, topScan } from "../answers/row-scans.ts";
import type { BlockInstance } from "../batch/block-instance.ts";
import { type BlockMasses, blockScan } from "../batch/scan-for-block.ts";
import type { RowsWanted, SevenBitPass } from "../memory/batch-reader.ts";

/** The work that threads do together: a scan of all rows, for a block of queries or for the one in place. */
export interface Job extends RowsWanted, SevenBitPass {
  readonly kind: "block" | "single" | "seven bits";
  /** The number of queries. */
  readonly queries: number;
  /** The number of rows, those that changes have added among them. */
  readonly itemCount: number;
  readonly inverseTemperature: number;
}

const KINDS: readonly Job["kind"][] = ["block", "single", "seven bits"];
const MASSES: readonly Job["masses"][] = ["none", "scores", "remainders"];
const FIELDS = 9;
export const JOB_BYTES = 8 * FIELDS;

export function writeJob({ buffer }: WebAssembly.Memory, address: number, job: Job): void {
  new Float64Array(buffer, address, FIELDS).set([
    ...[KINDS.indexOf(job.kind), MASSES.indexOf(job.masses), job.k, job.queries, job.itemCount],
    ...[job.inverseTemperature, job.ratio, job.margin, job.threshold],
  ]);
}

export function readJob({ buffer }: WebAssembly.Memory, address: number): Job {
  const fields = new Float64Array(buffer, address, FIELDS);
  const [kind, masses, k, queries, itemCount] = fields as unknown as [number, number, number, number, number];
  const [inverseTemperature, ratio, margin, threshold] = fields.subarray(5) as unknown as [
    number,
    number,
    number,
    number,
  ];
  return {
    kind: KINDS[kind] as Job["kind"],
    masses: MASSES[masses] as Job["masses"],
    k,
    queries,
    itemCount,
    inverseTemperature,
    ratio,
    margin,
    threshold,
  };
}

/** Returns the number of blocks of rows. */
export const blocksOf = ({ itemCount }: Pick<Job, "itemCount">): number => Math.ceil(itemCount / BLOCK_ROWS);

/** Returns a function that reads a block of rows for the job, with the buffers of a thread. */
export function scanFor(job: Job, rows: RowsInMemory, block: () => BlockInstance, masses: BlockMasses): ScanBlock {
  const { kind, k } = job;
  const [logMasses, wholeLogMasses] = [masses.logMasses[0], masses.wholeLogMasses[0]] as [Float64Array, Float64Array];
  if (kind === "block") return blockScan(rows, block(), job, masses);
  if (kind === "seven bits") return sevenBitScan(rows, k, job);
  if (job.masses === "none") return topScan(rows, k);
  return massScan(rows, k, logMasses, job.masses === "remainders" ? wholeLogMasses : undefined);
}
