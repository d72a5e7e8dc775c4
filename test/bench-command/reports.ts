/** Reports as measurements could have made them. */

import { type BenchReport, SCHEMA, type TargetResult, type Timing } from '../../compiler/bench/report.ts'

export const TIMING: Timing = {
  rounds: 102,
  launches: 3,
  milliseconds: { min: 3.1234, median: 3.4567, p90: 4.5, interval: [3.4, 3.6] },
  gmacs: 16.5,
  fraction: 0.712,
  loadMilliseconds: 12.3,
  firstRunMilliseconds: 21.9,
  memoryBytes: 12 * 2 ** 20,
  costs: [
    [80.1, 80.2],
    [80.3, 79.9],
  ],
}

export const RESULT: TargetResult = { ...TIMING, target: 'relaxed-simd', ceiling: 23.2 }

export const SLOWER: TargetResult = {
  ...RESULT,
  base: { ...TIMING, milliseconds: { min: 2.8, median: 3.1, p90: 4, interval: [3, 3.2] } },
  comparison: { against: 'bundle', ratio: 1.102, interval: [1.091, 1.114], p: 0.00001234, verdict: 'slower' },
  slowed: [{ origins: ['/features/1/conv<"0">', '/features/1/relu'], kernel: 'pointwise 56x56', before: 0.2, now: 0.5, ratio: 2.5 }],
}

export function reportOf(results: readonly TargetResult[], more: Partial<BenchReport> = {}): BenchReport {
  return {
    schema: SCHEMA,
    bundle: { folder: 'head & co', modelHash: 'ab'.repeat(32), compilerVersion: '1.2.3', macs: 57_000_000 },
    engine: { name: 'node', version: '24.1.0' },
    machine: { cpu: 'A CPU', platform: 'linux-x64' },
    results,
    ...more,
  }
}
