// Kernels of the query module that this module imports. Its instance works in the memory of theirs.

// @ts-ignore: decorator
@external("query", "exp64")
export declare function exp64(x: f64): f64;
// @ts-ignore: decorator
@external("query", "log64")
export declare function log64(x: f64): f64;
// @ts-ignore: decorator
@external("query", "expInto")
export declare function expInto(values: usize, count: i32, shift: f32, scale: f32, out: usize): f64;
// @ts-ignore: decorator
@external("query", "logWeightAt")
export declare function logWeightAt(layout: usize, bucket: i32, count: i32, scale: f32): f32;
// @ts-ignore: decorator
@external("query", "portionOut")
export declare function portionOut(layout: usize, bucket: i32, scale: f32, out: usize): void;
// @ts-ignore: decorator
@external("query", "maxOf")
export declare function maxOf(values: usize, count: i32): f32;
// @ts-ignore: decorator
@external("query", "sumExp")
export declare function sumExp(values: usize, count: i32, shift: f32, scale: f32): f64;
// @ts-ignore: decorator
@external("query", "listPositions")
export declare function listPositions(layout: usize, first: i32, end: i32, out: usize): usize;
// @ts-ignore: decorator
@external("query", "scorePositions")
export declare function scorePositions(layout: usize, positions: usize, count: i32, out: usize): void;
// @ts-ignore: decorator
@external("query", "bucketLogMasses")
export declare function bucketLogMasses(layout: usize, slope: f32): void;
// @ts-ignore: decorator
@external("query", "massesFromLogs")
export declare function massesFromLogs(layout: usize): void;
// @ts-ignore: decorator
@external("query", "selectHead")
export declare function selectHead(layout: usize, floor: i32, scan: i32, k: i32): i32;
// @ts-ignore: decorator
@external("query", "scoreHead")
export declare function scoreHead(layout: usize): void;
// @ts-ignore: decorator
@external("query", "sumHead")
export declare function sumHead(layout: usize): void;
// @ts-ignore: decorator
@external("query", "sumTail")
export declare function sumTail(layout: usize): void;
// @ts-ignore: decorator
@external("query", "slotIn")
export declare function slotIn(layout: usize, group: i32, target: f64): i32;
// @ts-ignore: decorator
@external("query", "positionIn")
export declare function positionIn(layout: usize, bucket: i32, random: u32): i32;
// @ts-ignore: decorator
@external("query", "logMassAt")
export declare function logMassAt(layout: usize, bucket: i32, position: i32): f64;
// @ts-ignore: decorator
@external("query", "changeScores")
export declare function changeScores(layout: usize, scores: usize): void;
// @ts-ignore: decorator
@external("query", "conditionScores")
export declare function conditionScores(layout: usize, positions: usize, count: i32, scores: usize): void;
