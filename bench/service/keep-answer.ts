import { MultiIndex } from "../../src/index/multi-index.ts";

/**
 * Makes predict return its first answer to every later call, so that a request costs all it costs but the call of the
 * library.
 */
export function keepFirstAnswer(): void {
  const { predict } = MultiIndex.prototype;
  let kept: unknown;
  MultiIndex.prototype.predict = function (...args: unknown[]) {
    kept ??= Reflect.apply(predict, this, args);
    return kept as never;
  };
}
