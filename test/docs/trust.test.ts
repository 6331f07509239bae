import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

type Cell = Readonly<Record<string, string>>;

/** The cells of all output layers, by the names of the columns. */
function measuredCells(): readonly Cell[] {
  const [names = "", ...lines] = read("bench/results/trust.csv").trim().split("\n");
  return lines.map((line) => {
    const values = line.split(",");
    return Object.fromEntries(names.split(",").map((name, i) => [name, values[i] ?? ""]));
  });
}

interface FlaggedShare {
  readonly head: string;
  readonly isPlain: boolean;
  readonly at: number;
  readonly share: number;
}

/** The peaked layers: their 1,024 likeliest classes have 80 % of Z or more. */
const PEAKED =
  /^(?:next words|clustered|near rows|heavy bias|long queries|PTB words|trained words|word vectors|100k tokens|1M tokens)$/;

/** The shares of flagged answers of calls with this `scan` and 100 draws, by output layer, build and temperature. */
const flaggedShares = (wanted: string): FlaggedShare[] =>
  measuredCells()
    .filter(({ scan, draws }) => scan === wanted && draws === "100")
    .map(({ head = "", isInformed, temperature, flagged, answers }) => ({
      head,
      isPlain: isInformed === "false",
      at: Number(temperature),
      share: Number(flagged) / Number(answers),
    }));

test("docs/trust.md says how many default answers were flagged", () => {
  const most = Math.max(...flaggedShares("default").map(({ share }) => share));
  const told =
    most === 0
      ? "No default answer has `lowEss`"
      : `At most ${(100 * most).toFixed(1)} % of the default answers have \`lowEss\``;
  expect(read("docs/trust.md")).toContain(told);
});

test("docs/trust.md says how many default answers to word vectors are of all rows", () => {
  const sharesOfAll = (at: number): number[] =>
    measuredCells()
      .filter(
        ({ head, scan, temperature }) => head === "word vectors" && scan === "default" && Number(temperature) === at,
      )
      .filter(
        ({ draws, isInformed, hasFineCodes }) => draws === "100" && isInformed === "false" && hasFineCodes === "false",
      )
      .map(({ exact, answers }) => Number(exact) / Number(answers));
  expect([sharesOfAll(1), sharesOfAll(0.3), sharesOfAll(0.5)].map(([share = 0]) => share.toFixed(1))).toEqual([
    "0.4",
    "0.5",
    "0.9",
  ]);
  const page = read("docs/trust.md");
  expect(page).toContain("two fifths of the default calls read all rows at T = 1, and half to nine tenths below");
});

test("docs/trust.md says how wide bars are at low temperatures", () => {
  // Cells of fewer trusted answers tell nothing about the root mean square, as in the promises of the page.
  const cells = measuredCells().filter(
    ({ sampled, rootMeanSquare }) => Number(sampled) >= 50 && Number(rootMeanSquare) > 0,
  );
  const [sharp, sharper] = [0.5, 0.3].map((at) => {
    const widths = cells
      .filter(({ temperature }) => Number(temperature) === at)
      .map(({ medianBar, rootMeanSquare }) => Number(medianBar) / Number(rootMeanSquare))
      .sort((a, b) => a - b);
    return (widths[widths.length >> 1] as number).toFixed(1);
  });
  const page = read("docs/trust.md");
  expect(page).toContain(
    `the median bar is ${sharper} times the root mean square error. At T = .5 it is ${sharp} times`,
  );
});

test("docs/trust.md says how many first tries were flagged on a layer without structure", () => {
  const shares = flaggedShares("1024").filter(({ head }) => head === "gaussian");
  const at = (temperature: number): number[] =>
    shares.filter((cell) => cell.at === temperature).map(({ share }) => share);
  expect(Math.min(...at(0.3), ...at(0.5))).toBeGreaterThan(0.99);
  const [least, most] = [Math.min(...at(1)), Math.max(...at(1))].map((share) => Math.round(100 * share));
  expect(read("docs/trust.md")).toContain(`${least} to ${most} % at T = 1`);
});

test("docs/method.md says what second tries change", () => {
  const many = (scan: string): string => {
    const cells = flaggedShares(scan).filter(({ head, isPlain }) => isPlain && PEAKED.test(head));
    return `${cells.filter(({ share }) => share > 0.07).length} of ${cells.length}`;
  };
  expect([many("default"), many("1024")]).toEqual(["0 of 80", "16 of 80"]);
  const covered = (wanted: string): string => {
    const cells = measuredCells().filter(({ scan }) => scan === wanted);
    const count = cells.reduce((sum, { sampled }) => sum + Number(sampled), 0);
    const within = cells.reduce((sum, { sampled, coverage }) => sum + Number(sampled) * Number(coverage), 0);
    return ((100 * within) / count).toFixed(1);
  };
  expect(Number(covered("1024"))).toBeLessThanOrEqual(Number(covered("default")));
  const page = read("docs/method.md");
  const most = flaggedShares("default").filter(({ head, isPlain }) => isPlain && PEAKED.test(head));
  expect(Math.max(...most.map(({ share }) => share))).toBeLessThan(0.0105);
  expect(page).toContain("none then has more than 1 % flagged answers; without second tries, 16 have more than 7 %");
  expect(page).toContain(
    `${covered("default")} % of the default answers that are sampled and not flagged, and ${covered("1024")} % without`,
  );
});
