import type { MeasuredIndex } from "../measured-index.ts";
import { digits, megabytes, percent, relative } from "../numbers.ts";
import { effortText } from "../report-lines.ts";
import { costBasis, costText } from "../report-tables.ts";
import { documentOf } from "./document.ts";
import { escapeHtml } from "./escape-html.ts";
import { type Section, sectionsOf } from "./sections.ts";
import { gatesHtml, tableHtml } from "./tables.ts";

/** Returns the report as one HTML page without scripts or other files. */
export function reportPage(measured: MeasuredIndex): string {
  const { file, index, evaluation, gates } = measured;
  const title = `Evaluation of ${file.split(/[\\/]/).at(-1)}`;
  const parts = [
    "<header>",
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="quiet">${index.itemCount.toLocaleString("en")} classes of ${index.dim} values, compared with the exact softmax over all classes on ${evaluation.queryCount} queries.</p>`,
    "</header>",
    tilesHtml(measured),
    ...(gates.length > 0 ? ["<h2>Gates</h2>", gatesHtml(gates)] : []),
    ...sectionsOf(measured).map(sectionHtml),
    costHtml(measured),
    factsHtml(measured),
  ];
  return documentOf(title, parts);
}

/** Returns the tiles with the four most important numbers. */
function tilesHtml({ evaluation, times }: MeasuredIndex): string {
  const recall = evaluation.recall.findLast(({ k }) => k <= 10);
  const own = evaluation.proposals[0];
  const tiles = [
    [
      `recall@${recall?.k ?? 1}, predict`,
      percent(recall?.predict ?? Number.NaN),
      "of the best classes are in the answer of predict",
    ],
    [
      "error of a probability",
      `≤ ${percent(relative(evaluation.logPartition.p90))}`,
      "relative, for nine queries in ten",
    ],
    [
      "effective sample size per draw",
      digits(own?.effectiveSampleShare ?? Number.NaN),
      "draws from the exact softmax would be worth as much",
    ],
    ["time of predict", `${digits(times.predict)} µs`, speedText(times)],
  ];
  const tile = ([name, value, means]: readonly string[]): string =>
    `<div><dt>${escapeHtml(name ?? "")}</dt><dd class="value">${escapeHtml(value ?? "")}</dd><dd class="means quiet">${escapeHtml(means ?? "")}</dd></div>`;
  return `<dl class="tiles">${tiles.map(tile).join("")}</dl>`;
}

function speedText({ predict, exactSoftmax }: MeasuredIndex["times"]): string {
  return exactSoftmax >= predict
    ? `the exact softmax takes ${digits(exactSoftmax / predict)} times as long`
    : `the exact softmax is faster: ${digits(exactSoftmax)} µs`;
}

const sectionHtml = ({ title, figure, words, table }: Section): string =>
  `<section><h2>${escapeHtml(title)}</h2><div class="sides"><figure>${figure}<figcaption>${escapeHtml(words)}</figcaption></figure>` +
  `${tableHtml(table)}</div></section>`;

const costHtml = ({ cost }: MeasuredIndex): string =>
  `<section><h2>What does it cost to run?</h2><p>${escapeHtml(sentence(costText(cost)))}</p>` +
  `<p class="quiet">${escapeHtml(costBasis(cost))}</p></section>`;

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

function factsHtml(measured: MeasuredIndex): string {
  const { file, queries, availableQueries, index, evaluation, madeBy } = measured;
  const rows = [
    ["index", `${file}: ${index.factory}, ${index.metric}${index.hasBias ? ", with bias" : ""}`],
    ["content id", index.contentId.slice(0, 16)],
    ["size", `${megabytes(index.fileBytes)} on disk, ${megabytes(index.memoryBytes)} in memory`],
    ["queries", `${evaluation.queryCount} of ${availableQueries} in ${queries}`],
    ["effort", effortText(measured)],
    ["created", `${madeBy.date} by midx ${madeBy.midx}, Node ${madeBy.node}, ${madeBy.processor}`],
  ];
  const cells = rows.map(
    ([name, value]) => `<tr><td>${name}</td><td class="text">${escapeHtml(value ?? "")}</td></tr>`,
  );
  return (
    `<section><h2>How this report was made</h2><pre><code>${escapeHtml(madeBy.command)}</code></pre>` +
    `<div class="wide"><table><tbody>${cells.join("")}</tbody></table></div>` +
    '<p class="quiet">Numbers are means over the queries unless a label says otherwise. Except for the times, every run gives the same numbers. The exact softmax is that of the rows as the index stores them.</p></section>'
  );
}
