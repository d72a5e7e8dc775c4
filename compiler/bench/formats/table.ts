/** The table that a terminal shows. */

import { type Colors, table } from '../../terminal/output.ts'
import type { BenchReport, TargetResult } from '../report.ts'
import { circumstances, layerRows, resultRows, verdictOf } from './figures.ts'

/** Tables for a terminal, with verdicts where there is a comparison. */
export function formatTable(report: BenchReport, colors: Colors): string {
  const { head, rows } = resultRows(report)
  const numeric = head.map((_, i) => i).slice(1)
  const parts = [`${colors.bold(report.bundle.folder)} ${colors.dim(circumstances(report))}`, table(colors, head, rows, numeric)]
  for (const result of report.results) {
    const text = comparison(result, report.maxRegression ?? 0, colors)
    if (text) parts.push(text)
  }
  return `${parts.join('\n\n')}\n`
}

function comparison({ target, comparison, slowed = [] }: TargetResult, maxRegression: number, colors: Colors): string | null {
  if (!comparison) return null
  const color = { slower: colors.red, faster: colors.green, unchanged: colors.green, unclear: colors.yellow }[comparison.verdict]
  const verdict = color(verdictOf(target, comparison, maxRegression))
  if (slowed.length === 0) return verdict
  const { head, rows, more } = layerRows(slowed)
  const text = `${verdict}\n\n${table(colors, head, rows, [1, 2, 3])}`
  return more > 0 ? `${text}\n  … and ${more} more` : text
}
