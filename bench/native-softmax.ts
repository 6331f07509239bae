import { existsSync } from "node:fs";
import type { Head } from "./heads.ts";
import { nativePath } from "./peers/folder.ts";
import { NativeIndex } from "./peers/native-index.ts";
import { median } from "./timing.ts";

const EFFORT = { label: "all rows", effort: 0, rescored: 1 };
const ROUNDS = 8;

/**
 * Returns the median µs of a full softmax in C++ with its ten best classes, one query at a time: peers/native/softmax.cpp. Prints
 * a line and returns undefined if it is not compiled.
 */
export async function nativeSoftmaxMicros({ data, bias, dim, queries }: Head): Promise<number | undefined> {
  const program = nativePath("softmax");
  if (!existsSync(program)) {
    console.log("the full softmax in C++ is not compiled: npx node bench/peers/install-native.ts");
    return undefined;
  }
  const saved = NativeIndex.build(program, "", [EFFORT], data, bias);
  const index = await NativeIndex.open(program, [EFFORT], saved.path, dim);
  try {
    const asked = Array.from({ length: 64 * ROUNDS }, (_, i) => queries.subarray(i * dim, (i + 1) * dim));
    const { micros } = await index.burst(asked, { k: 10, effort: 0, warmUp: 64, batch: ROUNDS });
    return median(micros);
  } finally {
    index.dispose();
  }
}
