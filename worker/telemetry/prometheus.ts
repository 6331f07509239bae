import type { Histogram } from "./histogram.ts";

/** The labels of one sample, a line of the text format. */
export type Labels = Readonly<Record<string, string>>;

/** Writes Prometheus' text format, version 0.0.4. */
export class Exposition {
  /** The lines of each metric by its name. The format wants them together, and versions write the same metrics in turn. */
  readonly #families: Record<string, string[]> = {};

  counter(name: string, help: string, samples: Iterable<readonly [Labels, number]>): void {
    this.#family("counter", name, help, samples);
  }

  gauge(name: string, help: string, samples: Iterable<readonly [Labels, number]>): void {
    this.#family("gauge", name, help, samples);
  }

  histogram(name: string, help: string, samples: Iterable<readonly [Labels, Histogram]>): void {
    const lines = this.#linesOf("histogram", name, help);
    for (const [labels, { bounds, counts, sum, count }] of samples) {
      let upTo = 0;
      for (const [i, bound] of [...bounds, "+Inf"].entries()) {
        upTo += counts[i] as number;
        lines.push(sample(`${name}_bucket`, { ...labels, le: String(bound) }, upTo));
      }
      lines.push(sample(`${name}_sum`, labels, sum), sample(`${name}_count`, labels, count));
    }
  }

  get text(): string {
    return `${Object.values(this.#families).flat().join("\n")}\n`;
  }

  #family(type: string, name: string, help: string, samples: Iterable<readonly [Labels, number]>): void {
    const lines = this.#linesOf(type, name, help);
    for (const [labels, value] of samples) lines.push(sample(name, labels, value));
  }

  #linesOf(type: string, name: string, help: string): string[] {
    this.#families[name] ??= [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
    return this.#families[name];
  }
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
}

const escaped = (text: string): string => text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
