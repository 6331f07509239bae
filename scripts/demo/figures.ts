/** Makes a call and returns its result with its time in microseconds. */
export function timed<Result>(call: () => Result): { readonly time: number; readonly result: Result } {
  const start = performance.now();
  const result = call();
  return { time: 1000 * (performance.now() - start), result };
}

export const percent = (share: number): string => `${(100 * share).toFixed(2).padStart(6)} %`;

export const count = (value: number): string => value.toLocaleString("en-US");

export const time = (microseconds: number): string => `${count(Math.round(microseconds))} µs`;
