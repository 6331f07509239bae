import { replaceBetween } from "../page.ts";
import type { TrustResult, TrustRun } from "./summary.ts";
import { flaggedTable, headTable, recallTable, targetTable, verdictTable } from "./table.ts";

/** Returns the run that is shown in brackets; none until a later commit was measured. */
const earlier = ({ now, before }: TrustResult): TrustRun | undefined =>
  before.commit === now.commit ? undefined : before;

const origin = ({ machine, node, now, before }: TrustResult): string => {
  const effort = now.isQuick
    ? ", with 150 queries for each output layer, scans of 0, 1,024, default and auto, and 100 draws"
    : "";
  const first = `Measured at commit ${now.commit} on ${machine}, Node ${node}${effort}.`;
  return before.commit === now.commit
    ? `${first} That is before error bars were calibrated.`
    : `${first} The last column is commit ${before.commit}, before error bars were calibrated.`;
};

type Blocks = Readonly<Record<string, (result: TrustResult) => string>>;

/** The blocks of each page of docs/ by name. */
const PAGES: Readonly<Record<string, Blocks>> = {
  "trust.md": {
    verdicts: (result) => `${origin(result)}\n\n${verdictTable(result.now, earlier(result))}`,
  },
  "trust-results.md": {
    heads: (result) => headTable(result.now, earlier(result)),
    flagged: (result) => flaggedTable(result.now, earlier(result)),
    targets: (result) => targetTable(result.now, earlier(result)),
    recall: (result) => recallTable(result.now, earlier(result)),
  },
};

/** Returns the page of docs/, the name and the text of each block. */
export const trustBlocks = (result: TrustResult): (readonly [page: string, name: string, text: string])[] =>
  Object.entries(PAGES).flatMap(([page, blocks]) =>
    Object.entries(blocks).map(([name, block]) => [page, name, block(result)] as const),
  );

/** Writes the generated parts of the pages. */
export function drawTrust(result: TrustResult): void {
  for (const [page, name, text] of trustBlocks(result)) replaceBetween(`docs/${page}`, name, text);
}
