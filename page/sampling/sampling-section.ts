import type { MultiIndex } from "../../src/index.ts";
import type { ColourName } from "../colours.ts";
import { type Bars, exactBars } from "../draws/bars.ts";
import { effectiveDraws, sharesOf, totalVariation, type WeightedDraws } from "../draws/estimator.ts";
import { multiIndexProposal, type Proposal, uniformProposal, unigramProposal } from "../draws/proposals.ts";
import { drawRun, MEASURED_DRAWS, meanErrors } from "../draws/runs.ts";
import { byId } from "../elements.ts";
import { count } from "../numbers.ts";
import { showDrawsNeeded } from "./draws-needed.ts";
import { ErrorPlot } from "./error-plot.ts";
import { Panel } from "./panel.ts";
import { drawsAt, Play } from "./play.ts";
import { showShares } from "./shares-table.ts";

const HEAD = 1024;

interface Method {
  readonly title: string;
  /** A description of the proposal. */
  readonly note: string;
  readonly colour: ColourName;
  readonly propose: Proposal;
}

interface DrawnMethod extends Method {
  /** The run in the histograms. */
  readonly draws: WeightedDraws;
}

/** The estimates on the page. */
interface Shown {
  readonly bars: Bars;
  readonly labels: readonly string[];
  readonly methods: readonly DrawnMethod[];
  readonly seed: number;
  errors: readonly Float64Array[];
}

/** The section with histograms of estimates, and their errors against the number of draws. */
export class SamplingSection {
  private readonly index: MultiIndex;
  private readonly nameOf: (id: number) => string;
  private readonly baselines: readonly Method[];
  private readonly panels: readonly Panel[];
  private readonly errorPlot: ErrorPlot;
  private readonly slider = byId("draws", HTMLInputElement);
  private readonly head = byId("head", HTMLInputElement);
  private readonly play: Play;
  private shown: Shown | undefined;

  constructor(index: MultiIndex, nameOf: (id: number) => string, onHead: () => void) {
    this.index = index;
    this.nameOf = nameOf;
    this.baselines = baselinesOf(index);
    const colours: ColourName[] = ["midx", ...this.baselines.map(({ colour }) => colour)];
    this.panels = colours.map((colour) => new Panel(colour));
    byId("panels", HTMLElement).replaceChildren(...this.panels.map(({ element }) => element));
    byId("no-bias", HTMLElement).hidden = index.info.hasBias;
    this.errorPlot = new ErrorPlot(byId("error-plot", HTMLElement), MEASURED_DRAWS);
    this.play = new Play(byId("play", HTMLButtonElement), this.slider, () => this.draw());
    this.head.onchange = onHead;
  }

  /** Draws for a query and a seed. It yields to the event loop after each further run, so that the page stays responsive. */
  async show(query: Float32Array, seed: number): Promise<void> {
    const bars = exactBars(this.index, query);
    const methods = [this.multiIndex(), ...this.baselines].map((method) => ({
      ...method,
      draws: drawRun(method.propose, query, bars, seed),
    }));
    const rest = bars.shares.length > bars.ids.length ? ["rest"] : [];
    const labels = [...bars.ids.map(this.nameOf), ...rest];
    const shown: Shown = { bars, labels, methods, seed, errors: [] };
    this.shown = shown;
    for (const [i, method] of methods.entries()) this.panels[i]?.name(method, labels, bars.shares);
    this.draw();
    let runs = 0;
    const proposals = methods.map(({ propose }) => propose);
    for (const errors of meanErrors(proposals, query, bars, seed)) {
      shown.errors = errors;
      byId("runs", HTMLElement).textContent = String(++runs);
      this.draw();
      await new Promise((resolve) => setTimeout(resolve));
      if (this.shown !== shown) return;
    }
  }

  private multiIndex(): Method {
    const scan = this.head.checked ? HEAD : 0;
    const note = scan > 0 ? "exact scores in the head, quantised scores in the tail" : "draws by quantised scores";
    return { title: "MIDX", note, colour: "midx", propose: multiIndexProposal(this.index, scan) };
  }

  /** Updates everything that depends on the number of draws. */
  private draw(): void {
    if (this.shown === undefined) return;
    const { bars, labels, methods, errors, seed } = this.shown;
    const drawCount = drawsAt(Number(this.slider.value));
    this.slider.setAttribute("aria-valuetext", `${count(drawCount)} draws`);
    byId("draws-shown", HTMLOutputElement).value = count(drawCount);
    const estimates = methods.map(({ title, colour, draws }, i) => {
      const shares = sharesOf(draws, drawCount, bars.shares.length);
      const now = totalVariation(shares, bars.shares);
      return { title, colour, shares, now, effective: effectiveDraws(draws, drawCount), errors: errors[i] ?? NOTHING };
    });
    for (const [i, { shares, now, effective }] of estimates.entries()) this.panels[i]?.show(shares, now, effective);
    this.errorPlot.show(estimates, drawCount);
    showDrawsNeeded(estimates);
    if (this.play.isPlaying) return; // the table for screen readers would change sixty times a second
    const columns = estimates.map(({ title, shares }) => ({ heading: title, shares }));
    const caption = `Exact probabilities, and estimates from ${count(drawCount)} draws with seed ${seed}`;
    showShares(byId("shares", HTMLTableElement), caption, labels, [
      { heading: "exact", shares: bars.shares },
      ...columns,
    ]);
  }
}

const NOTHING = new Float64Array(MEASURED_DRAWS.length);

/** Returns the proposals to compare with. Without biases, the unigram proposal would be the uniform one. */
function baselinesOf(index: MultiIndex): Method[] {
  const uniform: Method = {
    title: "uniform",
    note: "draws all classes equally",
    colour: "uniform",
    propose: uniformProposal(index),
  };
  if (!index.info.hasBias) return [uniform];
  return [
    { title: "unigram", note: "draws by the biases alone", colour: "unigram", propose: unigramProposal(index) },
    uniform,
  ];
}
