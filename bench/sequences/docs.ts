import { grouped, replaceBetween, table } from "../page.ts";
import type { Difference } from "./difference.ts";
import { OTHERS, samplersOf } from "./plan.ts";
import { type Protocol, protocolOf, type RankFigure, SESSIONS, USERS } from "./protocols.ts";
import type { Compared, Contender, Entry, PairDifference, SequencesResult } from "./result.ts";

const PAGE = "docs/sequence-results.md";

/** The generated parts of docs/sequence-results.md, by the name of the comments around each. */
export const SEQUENCES_BLOCKS: Readonly<Record<string, (result: SequencesResult) => string>> = {
  "sequence-clicks": (result) => ranksTable(result, USERS),
  "sequence-differences": (result) => differencesTable(result, USERS),
  "sequence-sessions": (result) => ranksTable(result, SESSIONS),
  "sequence-session-differences": (result) => differencesTable(result, SESSIONS),
  "sequence-texts": textsTable,
  "sequence-losses": lossesTable,
};

export function writeSequencesPage(result: SequencesResult): void {
  for (const [name, block] of Object.entries(SEQUENCES_BLOCKS)) replaceBetween(PAGE, name, block(result));
}

const NOT_RUN = "not run";
const NAMES: Readonly<Record<string, string>> = {
  full: "full softmax",
  "full-averaged": "full softmax, averaged",
  midx: "MIDX",
  "midx-half": "MIDX, half by frequency",
  "midx-averaged": "MIDX, averaged",
  "midx-more-averaged": "MIDX, four times the draws, averaged",
  "midx-own": "MIDX, draws not shared",
  "uniform-own": "uniform, draws not shared",
  "midx-head": "MIDX with a head of 64",
  "midx-learned": "MIDX, learned codewords",
  quadratic: "quadratic kernel",
  fourier: "random Fourier features",
};
const nameOf = (contender: string): string => NAMES[contender] ?? contender;
const titleOf = ({ set, preset, blocks, patience }: Compared): string =>
  `${set}, ${preset}${blocks === 1 ? " with one block" : ""}${patience ? `, at most ${patience} epochs without a better one` : ""}`;
const TITLES: Readonly<Record<RankFigure, string>> = { recall: "Recall", ndcg: "NDCG", mrr: "MRR" };
const titlesOf = ({ figures, k }: Protocol): string[] => figures.map((name) => `${TITLES[name]}@${k}`);
const comparedBy = ({ comparisons }: SequencesResult, protocol: Protocol | undefined): readonly Compared[] =>
  comparisons.filter(({ set }) => protocolOf(set) === protocol);

/** Figures to four digits behind the point, with the standard deviation over the seeds if there are several. */
function shown(value: number | undefined, deviation: number | undefined, { seeds }: Entry, digits = 4): string {
  const text = dotted(value ?? Number.NaN, digits);
  return seeds > 1 ? `${text} ± ${dotted(deviation ?? Number.NaN, digits)}` : text;
}

/** A number without the 0 before its point. */
const dotted = (value: number, digits: number): string => value.toFixed(digits).replace(/^(-?)0\./, "$1.");

function ranksTable(result: SequencesResult, protocol: Protocol): string {
  const ofAll = protocol.withoutSeen ? [`${TITLES.recall}@${protocol.k} of all`] : [];
  const heading = [
    "",
    "",
    "seeds",
    "epoch",
    ...titlesOf(protocol),
    "loss",
    ...ofAll,
    "CPU s an epoch",
    "at MIDX's time",
  ];
  const rows = comparedBy(result, protocol).flatMap((compared) => {
    const title = titleOf(compared);
    const filled = (cells: readonly string[]): string[] => heading.map((_, i) => [title, ...cells][i] ?? "");
    const baselines = compared.baselines.map(({ name, ...means }) =>
      filled([name, "", "", ...protocol.figures.map((figure) => dotted(means[figure] ?? Number.NaN, 4))]),
    );
    const entries = samplersOf(compared).map((sampler) =>
      filled([nameOf(sampler), ...entryCells(compared, sampler, protocol)]),
    );
    return [...baselines, ...entries];
  });
  return table(heading, 2, grouped(rows));
}

function entryCells(compared: Compared, sampler: string, { figures, withoutSeen }: Protocol): string[] {
  const entry = compared.entries.find((one) => one.sampler === sampler);
  if (!entry) return [NOT_RUN];
  const { test, deviation, seeds, chosen, secondsPerEpoch } = entry;
  return [
    ...[String(seeds), chosen.join(", ")],
    ...figures.map((name) => shown(test[name], deviation[name], entry)),
    shown(test.loss, deviation.loss, entry, 2),
    ...(withoutSeen ? [shown(test.recallOfAll, deviation.recallOfAll, entry)] : []),
    ...[secondsPerEpoch.toFixed(1), atTimeOfMidx(compared, entry)],
  ];
}

/** The best held-out recall of the epochs that fit into the time of all of MIDX's. */
function atTimeOfMidx({ entries, epochs }: Compared, { heldOutRecall, secondsPerEpoch }: Entry): string {
  const midx = entries.find(({ sampler }) => sampler === "midx");
  if (!midx) return "";
  const fitting = Math.min(epochs, Math.floor((midx.secondsPerEpoch * epochs) / secondsPerEpoch));
  return fitting === 0 ? "" : dotted(Math.max(...heldOutRecall.slice(0, fitting)), 4);
}

function differencesTable(result: SequencesResult, protocol: Protocol): string {
  const rows = comparedBy(result, protocol).flatMap((compared) =>
    compared.differences
      .filter(isShown)
      .map(({ a, b, seeds, ...differences }: PairDifference) => [
        ...[titleOf(compared), `${nameOf(a)} − ${nameOf(b)}`, String(seeds)],
        ...protocol.figures.map((figure) => shownDifference(differences[figure] as Difference)),
      ]),
  );
  return table(["", "", "seeds", ...titlesOf(protocol)], 2, grouped(rows));
}

const COUNTS: Contender = "item-to-item counts";

/** Variants and baselines are compared with the full softmax, MIDX and the counts, not with each other, unless neither shares its draws. */
const isShown = ({ a, b }: PairDifference): boolean =>
  [a, b].some((one) => one === COUNTS || one === "midx" || one.startsWith("full")) ||
  [a, b].every((one) => one.endsWith("-own")) ||
  (a.startsWith("midx") && !isVariant(a) && !isVariant(b));
const isVariant = (one: Contender): boolean => OTHERS.some((other) => other === one);

/** A difference with its interval, in bold if the interval excludes zero. */
function shownDifference({ mean, halfWidth }: Difference): string {
  const text = `${mean > 0 ? "+" : ""}${dotted(mean, 4)} ± ${dotted(halfWidth, 4)}`;
  return Math.abs(mean) > halfWidth ? `**${text}**` : text;
}

function textsTable(result: SequencesResult): string {
  const rows = comparedBy(result, undefined).flatMap((compared) =>
    samplersOf(compared).map((sampler) => {
      const entry = compared.entries.find((one) => one.sampler === sampler);
      if (!entry) return [titleOf(compared), nameOf(sampler), NOT_RUN, "", "", "", ""];
      const { seeds, chosen, secondsPerEpoch, heldOutLoss, test } = entry;
      const perplexities = [Math.min(...heldOutLoss), test.loss].map((loss) => Math.exp(loss).toFixed(1));
      const facts = [String(seeds), chosen.join(", "), ...perplexities, secondsPerEpoch.toFixed(1)];
      return [titleOf(compared), nameOf(sampler), ...facts];
    }),
  );
  const heading = ["", "", "seeds", "epoch", "validation perplexity", "test perplexity", "CPU s an epoch"];
  return table(heading, 2, grouped(rows));
}

const SHOWN_EPOCHS = [1, 2, 3, 5, 10, 15, 20, 25];

function lossesTable({ comparisons }: SequencesResult): string {
  const rows = comparisons.flatMap((compared) =>
    compared.entries.map(({ sampler, heldOutLoss }) => [
      ...[titleOf(compared), nameOf(sampler)],
      ...SHOWN_EPOCHS.map((epoch) => heldOutLoss[epoch - 1]?.toPrecision(4) ?? ""),
    ]),
  );
  return table(["", "", ...SHOWN_EPOCHS.map(String)], 2, grouped(rows));
}
