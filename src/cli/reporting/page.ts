import type { RequestMean } from "../../train/policy/estimates.ts";
import { digits, dollars, megabytes, percent, relative } from "../evaluating/numbers.ts";
import { documentOf } from "../evaluating/page/document.ts";
import { escapeHtml } from "../evaluating/page/escape-html.ts";
import { tableHtml } from "../evaluating/page/tables.ts";
import { costBasis } from "../evaluating/report-tables.ts";
import type { Compared, Side } from "./compared.ts";
import { coverageText, type Finding, findingsOf } from "./findings.ts";
import { ROUNDS } from "./times-in-turns.ts";

/** Returns the comparison as one HTML page without scripts or other files. */
export function comparisonPage(compared: Compared): string {
  const [a, b] = compared.sides;
  const title = `${nameOf(a)} beside ${nameOf(b)}`;
  const parts = [
    `<header><h1>${escapeHtml(title)}</h1><p class="quiet">A is ${escapeHtml(described(a))}. B is ${escapeHtml(described(b))}.</p></header>`,
    findingsOf(compared).map(findingHtml).join(""),
    section("Quality", QUALITY, rows(compared.sides, qualityOf), QUALITY_WORDS),
    section("Time", ["a call in one thread", "A", "B"], rows(compared.sides, timesOf), TIME_WORDS),
    section("Size", ["", "A", "B"], rows(compared.sides, sizeOf)),
    section("Price", ["CPU time of a million", "A", "B"], rows(compared.sides, priceOf), costBasis(a.cost)),
    ...valueSection(compared),
    factsHtml(compared),
  ];
  return documentOf(title, parts);
}

const nameOf = ({ file }: Side): string => file.split(/[\\/]/).at(-1) ?? file;

const described = ({ file, index, temperature }: Side): string =>
  `${file}: ${index.itemCount.toLocaleString("en")} classes of ${index.dim} values${temperature === 1 ? "" : `; its value is that of the policy at temperature ${temperature}`}`;

const findingHtml = ({ question, answer }: Finding): string =>
  `<section><h2>${escapeHtml(question)}</h2><p>${escapeHtml(answer)}</p></section>`;

const section = (title: string, heading: readonly string[], cells: readonly string[][], words?: string): string =>
  `<section><h2>${escapeHtml(title)}</h2>${tableHtml({ heading, rows: cells })}` +
  `${words === undefined ? "" : `<p class="quiet">${escapeHtml(words)}</p>`}</section>`;

type Cells = readonly (readonly [name: string, value: string])[];

/** Puts the cells of both sides beside each other. */
function rows([a, b]: Compared["sides"], of: (side: Side) => Cells): string[][] {
  const second = of(b);
  return of(a).map(([name, value], i) => [name, value, second[i]?.[1] ?? ""]);
}

const QUALITY = ["over the held-out queries", "A", "B"];
const QUALITY_WORDS =
  "Recall is the share of the best classes that are found. The total variation and the divergence compare what is drawn with the exact softmax: 0 is the best. Error bars of 95 % should hold for about 95 % of the trusted answers, those that are not flagged. Each is compared with an exact scan of its own rows.";
const TIME_WORDS = `These are the medians of ${ROUNDS} rounds on one machine. A round times both, and what else the machine does slows down both.`;

function qualityOf({ evaluation }: Side): Cells {
  const own = evaluation.proposals.find(({ name }) => name === "midx");
  const { p90 } = evaluation.logPartition;
  return [
    ...evaluation.recall.map(({ k, predict }): [string, string] => [`recall of the ${k} best`, percent(predict)]),
    ["total variation of draws", digits(own?.totalVariation ?? Number.NaN)],
    ["divergence of draws (KL), nats", digits(own?.klDivergence ?? Number.NaN)],
    ["error of a probability, nine in ten below", percent(relative(p90))],
    ["error bars that held, of trusted answers", percent(evaluation.logPartition.coverage)],
  ];
}

const timesOf = ({ times }: Side): Cells => [
  ["k best with probabilities (predict)", `${digits(times.predict)} µs`],
  ["answers a second", digits(1e6 / times.predict)],
  ["100 draws (sample)", `${digits(times.sample)} µs`],
  ["k best (topK)", `${digits(times.topK)} µs`],
  ["exact softmax", `${digits(times.exactSoftmax)} µs`],
];

const sizeOf = ({ index }: Side): Cells => [
  ["file", megabytes(index.fileBytes)],
  ["memory", megabytes(index.memoryBytes)],
  ["structure", index.factory],
];

const priceOf = ({ cost }: Side): Cells => [
  ["answers", dollars(cost.perMillionRequests)],
  ["answers by the exact softmax", dollars(cost.perMillionExact)],
];

function valueSection({ sides, value }: Compared): string[] {
  if (!value) return [];
  const cells = rows(sides, earnedBy);
  const words = `B less A, by request: ${written(value)}. Brackets are 95 % intervals. IPS is unbiased, and SNIPS varies less. A mean weight several errors from 1 means that the log does not suit. Few effective requests mean that the intervals may be too narrow.`;
  return [section("Value by logged rewards", ["a request", "A", "B"], cells, words)];
}

const earnedBy = ({ value }: Side): Cells =>
  value
    ? [
        ["as logged", written(value.logged)],
        ["would have earned, IPS", written(value.ips)],
        ["would have earned, SNIPS", written(value.snips)],
        ["mean weight", `${digits(value.meanWeight.mean)} ± ${digits(value.meanWeight.standardError)}`],
        ["effective requests", `${digits(value.effectiveRequests)} of ${value.requests}`],
        ["versions that drew", value.versions.join(", ")],
      ]
    : [];

const written = ({ mean, low, high }: RequestMean): string => `${digits(mean)} [${digits(low)}, ${digits(high)}]`;

function factsHtml({ sides, queries, queriesB, queryCount, madeBy }: Compared): string {
  const cells = [
    ...sides.map(({ file, index }, i) => [i === 0 ? "A" : "B", `${file}, content id ${index.contentId.slice(0, 16)}`]),
    ["queries", `${queryCount} of ${queries}${queriesB === undefined ? "" : `, and of ${queriesB} for B`}`],
    ["created", `${madeBy.date} by midx ${madeBy.midx}, Node ${madeBy.node}, ${madeBy.processor}`],
  ];
  return section("How this was made", ["", ""], cells);
}

/** The lines of the comparison for a terminal. */
export const comparisonLines = (compared: Compared): string[] => [
  ...findingsOf(compared).flatMap(({ question, answer }) => [question, `  ${answer}`]),
  `error bars held for ${compared.sides.map(coverageText).join(" (A) and ")} (B) of the trusted answers`,
];
