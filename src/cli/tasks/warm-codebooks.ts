import type { ReusedCodebooks } from "../../train/build/reused-codebooks.ts";
import { checkWarmStart, readWarmStart } from "../../train/build/warm-start.ts";
import { buildKernels } from "../../train/runtime/kernels-inlined.ts";
import { readWarm } from "../arguments/warm-from.ts";
import type { BuildArguments } from "../building/options.ts";

type Chosen = Pick<BuildArguments, "warmFrom" | "warmPasses" | "compare" | "quantizer" | "bits" | "metric">;

/** Reads the codebooks of the index that `--warm-from` names, for rows of `dim` values. Undefined without the option. */
export async function readWarmCodebooks(options: Chosen, dim: number): Promise<ReusedCodebooks | undefined> {
  const { quantizer, bits, metric } = options;
  const { warmFrom } = await readWarm(options);
  if (!warmFrom) return undefined;
  const codebooks = readWarmStart(warmFrom, (await buildKernels()).checksum);
  checkWarmStart(codebooks, {
    dim,
    ...(quantizer && { quantizer }),
    ...(bits !== undefined && { bits }),
    ...(metric && { metric }),
  });
  return codebooks;
}
