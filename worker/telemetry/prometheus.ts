import type { Histogram } from "./histogram.ts";

/** The labels of one sample, a line of the text format. */
export type Labels = Readonly<Record<string, string>>;

/** Writes Prometheus' text format, version 0.0.4. */
export class Exposition {
  readonly #lines: string[] = [];

  counter(name: string, help: string, samples: Iterable<readonly [Labels, number]>): void {
    this.#family("counter", name, help, samples);
  }

  gauge(name: string, help: string, samples: Iterable<readonly [Labels, number]>): void {
    this.#family("gauge", name, help, samples);
  }

  histogram(name: string, help: string, samples: Iterable<readonly [Labels, Histogram]>): void {
    this.#head("histogram", name, help);
    for (const [labels, { bounds, counts, sum, count }] of samples) {
      let upTo = 0;
      for (const [i, bound] of [...bounds, "+Inf"].entries()) {
        upTo += counts[i] as number;
        this.#sample(`${name}_bucket`, { ...labels, le: String(bound) }, upTo);
      }
      this.#sample(`${name}_sum`, labels, sum);
      this.#sample(`${name}_count`, labels, count);
    }
  }

  get text(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  #family(type: string, name: string, help: string, samples: Iterable<readonly [Labels, number]>): void {
    this.#head(type, name, help);
    for (const [labels, value] of samples) this.#sample(name, labels, value);
  }

  #head(type: string, name: string, help: string): void {
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  }

  #sample(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    this.#lines.push(`${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`);
  }
}

const escaped = (text: string): string => text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
