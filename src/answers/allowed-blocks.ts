import * as structs from "../../build/structs.ts";
import { LARGEST_THINNED } from "../abi.ts";
import { lastAtMost } from "../memory/last-at-most.ts";
import { listPositions } from "../memory/list-positions.ts";
import { type OpenedIndex, read, write } from "../memory/opened-index.ts";
import { visitInOrder } from "./visit-in-order.ts";

// If `allow` leaves too many classes for the list of a head, they are scored in blocks. Each block is a head of its own, and
// its sums are added up in f64. Draws find their block by these sums, and score it a second time.

/** Positions of a block. A head has room for so many (src/memory/plan.ts). */
const BLOCK = LARGEST_THINNED;

/** The sums of a head: its count, its best score, and its mass in units of e^(best / T). */
type HeadSums = readonly [count: number, top: number, mass: number];
const SUMS = [structs.SEARCH_HEAD_COUNT, structs.SEARCH_HEAD_MAX, structs.SEARCH_HEAD_SUM];

const readSums = (opened: OpenedIndex): HeadSums => SUMS.map((field) => read(opened, field)) as unknown as HeadSums;

const writeSums = (opened: OpenedIndex, sums: HeadSums): void => {
  for (const [i, field] of SUMS.entries()) write(opened, field, sums[i] as number);
};

/** Scores a block as a head of its own, in place of another. Behind the blocks of positions is one of the changed classes. */
function scoreBlock(opened: OpenedIndex, block: number): void {
  const { kernels, plan, header } = opened;
  const { layout, regions } = plan;
  const { headPositions, headScores } = regions;
  const { itemCount } = header.facts;
  const first = block * BLOCK;
  if (first >= itemCount) {
    kernels.scoreListed(layout, 0);
    return;
  }
  const count = listPositions(opened, first, Math.min(first + BLOCK, itemCount), headPositions);
  kernels.scoreScattered(layout, headPositions, count, headScores);
  kernels.sumScored(layout, count);
}

/**
 * Leaves what the kernel `propose` leaves, except the list of the head, for a head of all classes that are not filtered out.
 * `visit` is called with each block in place as a head. Returns the mass before each block and, last, the total.
 */
export function proposeBlocks(opened: OpenedIndex, visit?: () => void): Float64Array {
  const { kernels, conditions, plan, header } = opened;
  const blocks: HeadSums[] = [];
  let [allCount, best] = [0, Number.NEGATIVE_INFINITY];
  for (let block = 0; block <= Math.ceil(header.facts.itemCount / BLOCK); block++) {
    scoreBlock(opened, block);
    visit?.();
    const sums = readSums(opened);
    blocks.push(sums);
    allCount += sums[0];
    best = Math.max(best, sums[1]);
  }
  const massBefore = new Float64Array(blocks.length + 1);
  for (const [i, [, top, mass]] of blocks.entries()) {
    const scale = kernels.exp64((top - best) * conditions.inverseTemperature);
    massBefore[i + 1] = (massBefore[i] as number) + (mass > 0 ? mass * scale : 0);
  }
  for (const field of [structs.SEARCH_HEAD_BUCKET_COUNT, structs.SEARCH_TAIL_TOTAL]) write(opened, field, 0);
  writeSums(opened, [allCount, best, massBefore[blocks.length] as number]);
  kernels.endProposal(plan.layout);
  return massBefore;
}

/**
 * Finds the positions of draws from the proposal of proposeBlocks, which stays in place, and returns a function that gives
 * them: the classes at which the cumulative mass reaches the part of the total that `uniform` gives. Each block with a draw
 * is scored again.
 */
export function positionsInBlocks(
  opened: OpenedIndex,
  massBefore: Float64Array,
  draws: number,
  uniform: (draw: number) => number,
): (draw: number) => number {
  const { kernels, plan, integers } = opened;
  const all = readSums(opened);
  const positions = new Int32Array(draws);
  let inPlace = -1;
  visitInOrder(massBefore, draws, uniform, (draw, block, share) => {
    if (block !== inPlace) {
      scoreBlock(opened, block);
      kernels.sumHead(plan.layout);
      inPlace = block;
    }
    const count = read(opened, structs.SEARCH_HEAD_COUNT);
    const prefix = new Float64Array(kernels.memory.buffer, plan.regions.headPrefix, count + 1);
    const place = lastAtMost(prefix, share * (prefix[count] as number));
    positions[draw] = integers[plan.regions.headPositions / 4 + place] as number;
  });
  writeSums(opened, all);
  return (draw) => positions[draw] as number;
}
