/**
 * Sets every value of an array, and returns it.
 *
 * For values that a kernel computes, use this and not `map` or `reduce`: in JavaScriptCore 2.54 (WebKit), an export of WebAssembly
 * gets a wrong argument where it is the last call of a function that a method of typed arrays calls. Of
 * `Float64Array.of(-0.5).map((x) => exp64(x))`, the value is 1 there.
 */
export function fillWith<T extends Float32Array | Float64Array>(values: T, valueAt: (index: number) => number): T {
  for (let i = 0; i < values.length; i++) values[i] = valueAt(i);
  return values;
}
