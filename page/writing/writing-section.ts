import { knownWords, UNKNOWN } from "../../examples/text/context.js";
import type { Grammar } from "../../examples/text/grammar.js";
import { grammarOf } from "../../examples/text/text.js";
import { append, type Written, writePhrases } from "../../examples/text/writer.js";
import type { MultiIndex } from "../../src/index.ts";
import { byId, make } from "../elements.ts";
import { count, digits } from "../numbers.ts";

/** Phrases of a text. With a grammar, the last sentence is finished. */
const PHRASES = 40;

/** Without penalties the small models of the demos run in circles. */
const PENALTIES = { repetitionPenalty: 1.2, frequencyPenalty: 0.3 };

/** Returns true if an index can continue a text: classes have names, and features are words, also for unknown words. */
const canWrite = (index: MultiIndex): boolean =>
  index.info.hasLabels && index.info.features?.hasFeatureLabels === true && knownWords(index)(UNKNOWN);

/** The section that continues a text in the browser, with each phrase decoded from the words before it. */
export class WritingSection {
  private readonly index: MultiIndex;
  private readonly start = byId("start", HTMLInputElement);
  private readonly written = byId("written", HTMLElement);
  private grammar: Grammar | undefined;
  private seed = 0;
  private turn = 0;

  /** Shows the section if the index can continue a text. */
  constructor(index: MultiIndex) {
    this.index = index;
    const section = byId("writing", HTMLElement);
    section.hidden = !canWrite(index);
    if (section.hidden) return;
    for (const name of ["temperature", "top-p"]) showValue(name);
    byId("write", HTMLFormElement).onsubmit = (event) => {
      event.preventDefault();
      this.write();
    };
  }

  /** Offers a context as the beginning of the next text. */
  offer(context: string): void {
    this.start.value = context;
  }

  /** Writes a text with the next seed, phrase by phrase. A later call ends this one. */
  private async write(): Promise<void> {
    const turn = ++this.turn;
    const seed = ++this.seed;
    const start = this.start.value.trim();
    const options = { ...PENALTIES, seed, temperature: numberOf("temperature"), topP: numberOf("top-p") };
    const grammar = byId("grammar", HTMLInputElement).checked ? this.grammarOnce() : undefined;
    const phrases: Written[] = [];
    let text = grammar && start !== "" ? `${start}.` : start;
    this.written.replaceChildren(make("span", { className: "given" }, text));
    this.written.ariaBusy = "true";
    const phrasesOfText = writePhrases(this.index, start, { ...options, ...(grammar && { grammar }) });
    let milliseconds = 0;
    while (phrases.length < PHRASES || (grammar && phrases.at(-1)?.endsSentence === false)) {
      const before = performance.now();
      const { value } = phrasesOfText.next();
      milliseconds += performance.now() - before;
      phrases.push(value);
      const longer = append(text, value);
      this.written.append(phraseOf(longer.slice(text.length), value));
      text = longer;
      await new Promise((resolve) => setTimeout(resolve));
      if (this.turn !== turn) return;
    }
    this.written.ariaBusy = "false";
    showFacts(phrases, milliseconds, seed);
  }

  /** The grammar takes a moment to make, so it is made when it is first wanted. */
  private grammarOnce(): Grammar {
    this.grammar ??= grammarOf(this.index);
    return this.grammar;
  }
}

/** Makes a phrase of the text, which says under the pointer how it was drawn. */
function phraseOf(text: string, { decoded }: Written): HTMLElement {
  const probability = digits(100 * Math.exp(decoded.logProbability), 2);
  const classes = decoded.kept === 1 ? "the only class that was kept" : `${count(decoded.kept)} classes were kept`;
  return make("span", { title: `${probability} % · ${classes}` }, text);
}

function showFacts(phrases: readonly Written[], milliseconds: number, seed: number): void {
  const kept = phrases.map(({ decoded }) => decoded.kept).sort((a, b) => a - b)[phrases.length >> 1] as number;
  byId("writing-facts", HTMLElement).textContent = [
    `${phrases.length} phrases`,
    `${digits(milliseconds / phrases.length, 2)} ms each`,
    `drawn from ${count(kept)} phrases in the median`,
    `seed ${seed}`,
  ].join(" · ");
}

const numberOf = (name: string): number => Number(byId(name, HTMLInputElement).value);

/** Shows the value of a slider beside it. */
function showValue(name: string): void {
  const slider = byId(name, HTMLInputElement);
  const show = (): void => {
    byId(`${name}-shown`, HTMLOutputElement).value = numberOf(name).toFixed(2);
  };
  slider.oninput = show;
  show();
}
