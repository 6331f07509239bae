// Names of the library that the service imports beside the public ones and src/publication/. The service is part of the
// package.
export { mostScored } from "./answers/allowed-head.ts";
export { LEAST_ERROR } from "./answers/dispersion-bars.ts";
export { mostGrown } from "./answers/envelope.ts";
export { DRAW_COSTS } from "./answers/exact-sample.ts";
export { MOST_TIMES, mostDraws, readsAllAtOnce } from "./answers/next-effort.ts";
export { CODED_HEAD, DEFAULT_DRAWS, DEFAULT_SCAN, LARGEST_HEAD } from "./answers/options.ts";
export { defaultPool } from "./answers/recommend-options.ts";
export { shownFigures } from "./answers/shown-figures.ts";
export { isTriedAgain } from "./answers/tried-again.ts";
export { NORMAL_95 } from "./arithmetic/normal-95.ts";
export { joinedBytes } from "./bytes/joined-bytes.ts";
export { readAtMost } from "./bytes/read-at-most.ts";
export { sha256 } from "./bytes/sha256.ts";
export { checkFlag, checkNumber, checkOneOf, MAGNITUDE_LIMIT, shown } from "./checks/check.ts";
export { isObject } from "./checks/is-object.ts";
export { knownOptions } from "./checks/known-options.ts";
export { HEAD_GROWTH, LEAST_ROOM } from "./decode/ranked.ts";
export { foreignRemedy } from "./decode/refused-options.ts";
export { ESTIMATOR_WITHOUT_DISPERSIONS, UNMEASURED } from "./format/calibration-values.ts";
export { headerIn } from "./format/header-in.ts";
export { bandIn, STATISTICS_BANDS, STATISTICS_FIELDS, STATISTICS_MEASURES } from "./format/statistics-values.ts";
export { bandOfClass, realStatistics } from "./index/build-statistics.ts";
export { EXCLUSIVE } from "./index/call-options.ts";
export { effortForRecall, hasRecallCurve } from "./index/recall-effort.ts";
export { isolateBytes, leastIsolateBytes } from "./memory/isolate-bytes.ts";
export { DEFAULT_LIMITS } from "./memory/load-options.ts";
export { addedBytes } from "./memory/room.ts";
