// Does an index that was built without queries find what `recall` asks for, whatever it is asked? Builds made-up tables from
// rows and biases alone, asks them with seven kinds of queries, and compares the answers with the best stored rows in f64.
//   npm run bench:recall -- [--items 20000] [--queries 200] [--only "four dimensions"]
import { parseArgs } from "node:util";
import { buildMeasured, load } from "./library.ts";
import { BIASES, DIM, QUERIES, ROWS } from "./recall/tables.ts";
import { askedOf } from "./trust/asked.ts";
import { measureRecall } from "./trust/recall.ts";
import { startRandom } from "./trust/synthetic.ts";
import { storedClasses } from "./trust/truth.ts";

/** A cell keeps its promise if it gives at least what was asked, less this. */
const TOLERANCE = 0.01;

const { values: options } = parseArgs({
  options: {
    items: { type: "string", default: "20000" },
    queries: { type: "string", default: "200" },
    only: { type: "string", default: "" },
  },
});
const itemCount = Number(options.items);
const queryCount = Number(options.queries);

const shortfalls: number[] = [];
let cells = 0;
for (const [rowsName, rowsOf] of Object.entries(ROWS)) {
  for (const [biasName, biasOf] of Object.entries(BIASES)) {
    const name = `${rowsName}, ${biasName}`;
    if (!name.includes(options.only)) continue;
    const random = startRandom(7);
    const data = rowsOf(random, itemCount);
    const bias = biasOf(random, itemCount);
    const build = { fineCodes: true, ...(bias && { bias }) };
    const index = await load(await buildMeasured({ data, shape: [itemCount, DIM] }, build));
    const classes = storedClasses(index, bias);
    for (const [queriesName, queriesOf] of Object.entries(QUERIES)) {
      const asked = askedOf(classes, queriesOf(random, data, queryCount), [1], 100);
      const given = measureRecall(index, asked, classes).flatMap(({ k, asked: recall, given }) => {
        if (recall === "exact") return [];
        cells++;
        const short = recall - given;
        if (short > TOLERANCE) shortfalls.push(short);
        return `${recall} of ${k}: ${given.toFixed(3)}${short > TOLERANCE ? " !" : ""}`;
      });
      console.log(`${name}, ${queriesName}: ${given.join(", ")}`);
    }
  }
}
const most = Math.max(0, ...shortfalls).toFixed(3);
console.log(
  `${shortfalls.length} of ${cells} cells give less than was asked by more than ${TOLERANCE}, by ${most} at most`,
);
