// Writes the generated parts and figures of the README and docs/ again from bench/results/*.json, without measuring (node
// bench/draw.ts).
import { writeFileSync } from "node:fs";
import type { BatchResult } from "./batch/result.ts";
import { batchTable } from "./batch/table.ts";
import { type BitmapBarsResult, bitmapBarsTable } from "./bitmap-bars/table.ts";
import type { CompactionResult } from "./compaction/result.ts";
import { compactionTable } from "./compaction/table.ts";
import { drawCurves } from "./curves/docs.ts";
import type { CurvesResult } from "./curves/result.ts";
import type { DecodeResult } from "./decode/result.ts";
import { decodeLaws, decodeTimes } from "./decode/table.ts";
import type { DiversityResult } from "./diversity/result.ts";
import { diversityTable } from "./diversity/table.ts";
import { type EncodeCosts, encodeCostsTable } from "./encode-in-workerd/table.ts";
import { errorFigure } from "./exact/error-figure.ts";
import type { ExactResult } from "./exact/result.ts";
import { exactTable, sampledTable } from "./exact/table.ts";
import { type FineCodesResult, fineCodesTable } from "./fine-codes/table.ts";
import type { FitResult } from "./fit/result.ts";
import { fitTables } from "./fit/table.ts";
import type { FormsResult } from "./forms/result.ts";
import { formsTable } from "./forms/table.ts";
import type { LiveResult } from "./live/result.ts";
import { liveTable } from "./live/table.ts";
import { type TailCosts, tailsTable } from "./live/tails-table.ts";
import type { LoadResult } from "./load/result.ts";
import { loadTable } from "./load/table.ts";
import { replaceBetween } from "./page.ts";
import { type PartBarsResult, partBarsTable } from "./part-bars/table.ts";
import { type PartTriesResult, partTriesTable } from "./part-tries/table.ts";
import { drawPeers } from "./peers/docs.ts";
import type { PeersResult } from "./peers/result.ts";
import { readResult } from "./results-file.ts";
import { type SampledQueriesResult, sampledQueriesTable } from "./sampled-queries/table.ts";
import type { SamplingResult } from "./sampling/result.ts";
import { readmeTable, samplingTables, stepsTable } from "./sampling/table.ts";
import type { ScaleResult } from "./scale/result.ts";
import { scaleTable } from "./scale/table.ts";
import { type ScaleBuildsResult, scaleBuildsTable } from "./scale-builds/table.ts";
import type { ScaleOutResult } from "./scale-out/result.ts";
import { latencyTable } from "./scale-out/table.ts";
import { writeSequencesPage } from "./sequences/docs.ts";
import type { SequencesResult } from "./sequences/result.ts";
import type { ProfileResult } from "./service/profile-result.ts";
import { profileTable } from "./service/profile-table.ts";
import type { ServiceResult } from "./service/result.ts";
import { serviceTable } from "./service/table.ts";
import { writeResultsPage } from "./tables/docs.ts";
import type { TablesResult } from "./tables/result.ts";
import { drawTrust } from "./trust/docs.ts";
import type { TrustResult } from "./trust/summary.ts";
import { drawUpkeep } from "./upkeep/docs.ts";
import type { UpkeepResult } from "./upkeep/result.ts";

drawCurves(readResult<CurvesResult>("curves"));
drawPeers(readResult<PeersResult>("peers"));
drawTrust(readResult<TrustResult>("trust"));
drawUpkeep(readResult<UpkeepResult>("upkeep"));
writeResultsPage(readResult<TablesResult>("tables"));
writeSequencesPage(readResult<SequencesResult>("sequences"));
replaceBetween("docs/changes.md", "compaction", compactionTable(readResult<CompactionResult>("compaction")));
replaceBetween("docs/service.md", "service", serviceTable(readResult<ServiceResult>("service")));
replaceBetween("docs/service.md", "service-profile", profileTable(readResult<ProfileResult>("service-profile")));
replaceBetween("docs/trust-results.md", "bitmap-bars", bitmapBarsTable(readResult<BitmapBarsResult>("bitmap-bars")));
replaceBetween("docs/trust-results.md", "fine-codes", fineCodesTable(readResult<FineCodesResult>("fine-codes")));
replaceBetween("docs/results.md", "forms", formsTable(readResult<FormsResult>("forms")));
replaceBetween("docs/fitting.md", "fit", fitTables(readResult<FitResult>("fit")));
replaceBetween("docs/scale.md", "load", loadTable(readResult<LoadResult>("load")));
replaceBetween("docs/scale.md", "scale", scaleTable(readResult<ScaleResult>("scale")));
replaceBetween("docs/live.md", "live", liveTable(readResult<LiveResult>("live")));
replaceBetween("docs/live.md", "log-tails", tailsTable(readResult<TailCosts>("log-tails")));
replaceBetween("docs/recommend.md", "diversity", diversityTable(readResult<DiversityResult>("diversity")));
const encoded = readResult<EncodeCosts>("encode-in-workerd");
replaceBetween("docs/sequence-results.md", "encode-in-workerd", encodeCostsTable(encoded));
replaceBetween(
  "docs/trust-results.md",
  "sampled-queries",
  sampledQueriesTable(readResult<SampledQueriesResult>("sampled-queries")),
);
replaceBetween("docs/parts.md", "part-bars", partBarsTable(readResult<PartBarsResult>("part-bars")));
replaceBetween("docs/parts.md", "part-tries", partTriesTable(readResult<PartTriesResult>("part-tries")));
replaceBetween(
  "docs/build-in-parts.md",
  "scale-builds",
  scaleBuildsTable(readResult<ScaleBuildsResult>("scale-builds")),
);
replaceBetween("docs/scale-out.md", "latency", latencyTable(readResult<ScaleOutResult>("scale-out-latency")));

const decode = readResult<DecodeResult>("decode");
replaceBetween("docs/decode.md", "times", decodeTimes(decode));
replaceBetween("docs/decode.md", "laws", decodeLaws(decode));

const sampling = readResult<SamplingResult>("sampling");
replaceBetween("docs/sampling.md", "sampling", samplingTables(sampling));
replaceBetween("docs/sampling.md", "sampling-steps", stepsTable(sampling));
replaceBetween("README.md", "sampling", readmeTable(sampling));
replaceBetween("docs/sampling.md", "batch", batchTable(readResult<BatchResult>("batch")));

const exact = readResult<ExactResult>("exact");
replaceBetween("docs/choosing.md", "exact", exactTable(exact));
replaceBetween("docs/choosing.md", "sampled", sampledTable(exact));
writeFileSync(new URL("../docs/error-against-time.svg", import.meta.url), errorFigure(exact));
