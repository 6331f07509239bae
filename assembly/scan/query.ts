// Kernels of the query module that this module imports. Its instance works in the memory of theirs.

// @ts-ignore: decorator
@external("query", "dotRows")
export declare function dotRows(query: usize, rows: usize, count: i32, rowBytes: i32, out: usize): void;
// @ts-ignore: decorator
@external("query", "scorePositions")
export declare function scorePositions(layout: usize, positions: usize, count: i32, out: usize): void;
// @ts-ignore: decorator
@external("query", "scoreScattered")
export declare function scoreScattered(layout: usize, positions: usize, count: i32, out: usize): void;
// @ts-ignore: decorator
@external("query", "listPositions")
export declare function listPositions(layout: usize, first: i32, end: i32, out: usize): usize;
// @ts-ignore: decorator
@external("query", "topPush")
export declare function topPush(layout: usize, positions: usize, scores: usize, count: i32, k: i32): void;
// @ts-ignore: decorator
@external("query", "topSort")
export declare function topSort(layout: usize): void;
// @ts-ignore: decorator
@external("query", "scoreListed")
export declare function scoreListed(layout: usize, count: i32): void;
// @ts-ignore: decorator
@external("query", "addScored")
export declare function addScored(layout: usize, count: i32): void;
// @ts-ignore: decorator
@external("query", "removeCoded")
export declare function removeCoded(layout: usize): void;
// @ts-ignore: decorator
@external("query", "endProposal")
export declare function endProposal(layout: usize): void;
// @ts-ignore: decorator
@external("query", "log64")
export declare function log64(x: f64): f64;
