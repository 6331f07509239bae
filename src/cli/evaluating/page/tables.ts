import type { GateResult } from "../gates.ts";
import { digits } from "../numbers.ts";
import type { ReportTable } from "../report-tables.ts";
import { escapeHtml } from "./escape-html.ts";

export function tableHtml({ heading, rows }: ReportTable): string {
  const head = heading.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(String(cell))}</td>`).join("")}</tr>`);
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

export function gatesHtml(gates: readonly GateResult[]): string {
  const head = ["gate", "wanted", "found", "result"].map((name) => `<th scope="col">${name}</th>`).join("");
  const rows = gates.map(({ gate, of, comparison, wanted, found, passed }) => {
    const result = passed ? "passed" : "missed";
    return (
      `<tr><td><code>${escapeHtml(gate)}</code> <span class="quiet">${escapeHtml(of)}</span></td>` +
      `<td>${comparison} ${wanted}</td><td>${digits(found)}</td><td class="${result}">${result}</td></tr>`
    );
  });
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}
