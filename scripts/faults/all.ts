import { BATCH_FAULTS } from "./batch.ts";
import { BUILDS_IN_PARTS_FAULTS } from "./builds-in-parts.ts";
import { BUNDLE_FAULTS } from "./bundles.ts";
import { BURST_FAULTS } from "./bursts.ts";
import { CALIBRATION_FAULTS } from "./calibration.ts";
import { CHANGED_VALUE_FAULTS } from "./changed-values.ts";
import { CHANGE_FAULTS } from "./changes.ts";
import { CLIENT_FAULTS } from "./client.ts";
import { COMMAND_LINE_FAULTS } from "./command-line.ts";
import { COMPACTION_FAULTS } from "./compaction.ts";
import { CONDITION_FAULTS } from "./conditions.ts";
import { DECODE_FAULTS } from "./decode.ts";
import { DEMO_FAULTS } from "./demos.ts";
import { DRIFT_FAULTS } from "./drift.ts";
import type { Fault } from "./fault.ts";
import { KERNEL_FAULTS } from "./kernels.ts";
import { LIBRARY_FAULTS } from "./library.ts";
import { LIVE_FAULTS } from "./live.ts";
import { PART_FAULTS } from "./parts.ts";
import { RECOMMEND_FAULTS } from "./recommend.ts";
import { REMOTE_BUILDS_FAULTS } from "./remote-builds.ts";
import { ROUTER_FAULTS } from "./router.ts";
import { SCAN_KERNEL_FAULTS } from "./scan-kernels.ts";
import { SEGMENTS_FAULTS } from "./segments.ts";
import { SEQUENCE_FAULTS } from "./sequences.ts";
import { SEQUENCES_OVER_HTTP_FAULTS } from "./sequences-over-http.ts";
import { SERVICE_FAULTS } from "./service.ts";
import { SHARE_FAULTS } from "./shares.ts";
import { THREADS_FAULTS } from "./threads.ts";
import { TRAINING_FAULTS } from "./training.ts";
import { VERSION_FAULTS } from "./versions.ts";

/** Every fault that `npm run test:faults` makes. */
export const FAULTS: readonly Fault[] = [
  ...KERNEL_FAULTS,
  ...SCAN_KERNEL_FAULTS,
  ...SHARE_FAULTS,
  ...BUNDLE_FAULTS,
  ...BURST_FAULTS,
  ...LIBRARY_FAULTS,
  ...RECOMMEND_FAULTS,
  ...CONDITION_FAULTS,
  ...DECODE_FAULTS,
  ...PART_FAULTS,
  ...CHANGE_FAULTS,
  ...CHANGED_VALUE_FAULTS,
  ...COMPACTION_FAULTS,
  ...BATCH_FAULTS,
  ...THREADS_FAULTS,
  ...ROUTER_FAULTS,
  ...TRAINING_FAULTS,
  ...SEQUENCE_FAULTS,
  ...SEQUENCES_OVER_HTTP_FAULTS,
  ...CALIBRATION_FAULTS,
  ...DRIFT_FAULTS,
  ...SERVICE_FAULTS,
  ...CLIENT_FAULTS,
  ...VERSION_FAULTS,
  ...SEGMENTS_FAULTS,
  ...LIVE_FAULTS,
  ...COMMAND_LINE_FAULTS,
  ...DEMO_FAULTS,
  ...BUILDS_IN_PARTS_FAULTS,
  ...REMOTE_BUILDS_FAULTS,
];
