import type { instantiate } from "../../../build/train.js";

/**
 * Exports of the train module (assembly/train/), typed by the signatures that asc generates.
 *
 * All memory above `heapBase()` belongs to the call that runs, so an instance serves one training or encoding at a time.
 */
export type TrainKernels = Awaited<ReturnType<typeof instantiate>>;

/** The kernels of assembly/train/fitting/. */
export type FitKernelName =
  | "addClassMasses"
  | "addCodewordMasses"
  | "addDivergence"
  | "addMoveLosses"
  | "addPartitions"
  | "chooseHead"
  | "columnFactors"
  | "densityKeys"
  | "headMasses"
  | "panelProducts"
  | "proposalMasses"
  | "tailMasses"
  | "weightedQueries";

/** The kernels of assembly/train/bucket-proposal/. */
export type ProposalKernelName =
  | "drawBuckets"
  | "exclude"
  | "logQOfClasses"
  | "placeDraws"
  | "proposeBuckets"
  | "readmit"
  | "weighBuckets";

/** The other kernels over rows. */
export type TrainKernelName = Exclude<
  keyof TrainKernels,
  | FitKernelName
  | ProposalKernelName
  | "memory"
  | "heapBase"
  | "startLanes"
  | "addToLanes"
  | "hashOfLanes"
  | "dotRows"
  | "exp64"
  | "log64"
  | "mixLogs"
>;

export function instantiateTrainKernels(module: WebAssembly.Module): TrainKernels {
  return new WebAssembly.Instance(module, {}).exports as unknown as TrainKernels;
}
