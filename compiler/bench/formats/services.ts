/** Formats of services that record benchmarks over time. */

import type { BenchReport } from '../report.ts'
import { ms } from './figures.ts'

/** github-action-benchmark's `customSmallerIsBetter`. */
export function formatGha(report: BenchReport): string {
  const entries = report.results.map(({ target, milliseconds: { median, interval, min, p90 }, fraction }) => ({
    name: target,
    unit: 'ms',
    value: rounded(median),
    range: `${ms(interval[0])} to ${ms(interval[1])}`,
    extra: `min ${ms(min)} ms, p90 ${ms(p90)} ms${fraction === null ? '' : `, ${(100 * fraction).toFixed(1)} % of the ceiling`}`,
  }))
  return `${JSON.stringify(entries, null, 2)}\n`
}

/** Bencher Metric Format: latency in nanoseconds, throughput in multiply-adds a second. */
export function formatBencher(report: BenchReport): string {
  const entries = report.results.map(({ target, milliseconds: { median, interval }, gmacs, memoryBytes, loadMilliseconds }) => [
    target,
    {
      latency: { value: nanoseconds(median), lower_value: nanoseconds(interval[0]), upper_value: nanoseconds(interval[1]) },
      ...(gmacs !== null && { throughput: { value: Math.round(1e9 * gmacs) } }),
      load: { value: nanoseconds(loadMilliseconds) },
      memory: { value: memoryBytes },
    },
  ])
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`
}

function nanoseconds(milliseconds: number): number {
  return Math.round(1e6 * milliseconds)
}

/** Four digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
