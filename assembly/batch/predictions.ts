import { BLOCK_TOP } from "../../src/abi";
import { Layout, Search } from "../layout";
import { predict } from "./query";
import { QueryBlock } from "./query-block";

// The searches of a block of queries are made one after the other, and kept. Their answers are then made one after the other as
// well, so that the code and the data of each step fill the caches once for all queries.

/**
 * Runs predict for the prepared query and keeps the state of the search and the k <= BLOCK_TOP best classes, but not the
 * positions and scores of its head and its draws.
 */
export function keepPrediction(block: usize, slot: i32, k: i32, scan: i32, draws: i32, seed: u64): void {
  const b = changetype<QueryBlock>(block), l = changetype<Layout>(b.layout);
  predict(b.layout, k, scan, draws, seed);
  memory.copy(b.searches + <usize>slot * offsetof<Search>(), l.search, offsetof<Search>());
  const best = <usize>(slot * BLOCK_TOP) << 2, bytes = <usize>k << 2;
  memory.copy(b.topIds + best, l.topIds, bytes);
  memory.copy(b.topScores + best, l.topScores, bytes);
}

/** Restores the results that keepPrediction has kept. */
export function restorePrediction(block: usize, slot: i32, k: i32): void {
  const b = changetype<QueryBlock>(block), l = changetype<Layout>(b.layout);
  memory.copy(l.search, b.searches + <usize>slot * offsetof<Search>(), offsetof<Search>());
  const best = <usize>(slot * BLOCK_TOP) << 2, bytes = <usize>k << 2;
  memory.copy(l.topIds, b.topIds + best, bytes);
  memory.copy(l.topScores, b.topScores + best, bytes);
}
