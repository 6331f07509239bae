// Kernels of the query module that this module imports. Its instance works in the memory of theirs.

// @ts-ignore: decorator
@external("query", "expInto")
export declare function expInto(values: usize, count: i32, shift: f32, scale: f32, out: usize): f64;
// @ts-ignore: decorator
@external("query", "log64")
export declare function log64(x: f64): f64;
// @ts-ignore: decorator
@external("query", "predict")
export declare function predict(layout: usize, k: i32, scan: i32, draws: i32, seed: u64): void;
