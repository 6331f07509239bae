/**
 * Every kernel of the query module in plain loops, under its name: the executable specification, to be read first.
 *
 * Arrays stand where the kernels take addresses, and results are returned. Operations and their order are the kernels',
 * so results agree bit for bit unless a function says otherwise.
 */
import type { KernelName } from "./kernels.ts";
import { exp64, expInto } from "./reference/exp.ts";
import { log64 } from "./reference/log.ts";
import { philox } from "./reference/random.ts";
import { xxh64 } from "./reference/checksum.ts";

export const reference = {
  philox,
  xxh64,
  exp64,
  expInto,
  log64,
} satisfies Record<KernelName, unknown>;
