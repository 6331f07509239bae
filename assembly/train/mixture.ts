import { exp64 } from "../exp";
import { log64 } from "../log";

/**
 * Sets out[j] to log Σ_r e^(logs[r, j] + logShares[r]), added up from the first component on: the log-probability of draw j
 * under a mixture. It is -Infinity for a draw that no component makes. O(components · count).
 *
 * logs: f64 (components, count), which are overwritten. logShares: f64 (components). out: f64 (count).
 */
export function mixLogs(logs: usize, logShares: usize, components: i32, count: i32, out: usize): void {
  const rowBytes = <usize>count << 3, end = logs + <usize>components * rowBytes;
  for (let row = logs, share = logShares; row < end; row += rowBytes, share += 8) {
    const logShare = load<f64>(share);
    for (let p = row, last = row + rowBytes; p < last; p += 8) store<f64>(p, load<f64>(p) + logShare);
  }
  for (let first = logs, last = logs + rowBytes; first < last; first += 8, out += 8) {
    let most: f64 = -Infinity;
    for (let p = first; p < end; p += rowBytes) most = max(most, load<f64>(p));
    if (!(most > -Infinity)) {
      store<f64>(out, most);
      continue;
    }
    let sum: f64 = 0;
    for (let p = first; p < end; p += rowBytes) sum += exp64(load<f64>(p) - most);
    store<f64>(out, most + log64(sum));
  }
}
