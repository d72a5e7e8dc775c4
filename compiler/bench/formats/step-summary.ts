/** Markdown for a GitHub step summary. */

import type { BenchReport } from '../report.ts'
import { circumstances, layerRows, resultRows, verdictOf } from './figures.ts'

const SIGNS = { slower: '❌', faster: '✅', unchanged: '✅', unclear: '⚠️' }

/** Markdown for the summary of a GitHub Actions step. */
export function formatStepSummary(report: BenchReport): string {
  const { head, rows } = resultRows(report)
  const parts = [`### Benchmark of ${escaped(report.bundle.folder)}`, table(head, rows)]
  for (const { target, comparison, slowed = [] } of report.results) {
    if (!comparison) continue
    parts.push(`${SIGNS[comparison.verdict]} ${verdictOf(target, comparison, report.maxRegression ?? 0)}`)
    if (slowed.length === 0) continue
    const { head: layerHead, rows: layers, more } = layerRows(slowed)
    parts.push(table(layerHead, layers))
    if (more > 0) parts.push(`… and ${more} more layers`)
  }
  return `${parts.join('\n\n')}\n\n<sub>${circumstances(report)}</sub>\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`
  return [line(head), `| --- |${' ---: |'.repeat(head.length - 1)}`, ...rows.map(line)].join('\n')
}

/** Escapes a cell, because names come from models. */
function escaped(cell: string): string {
  return cell.replace(/[\\|`*_[\]<>&]/g, (c) => `&#${c.charCodeAt(0)};`).replace(/\s+/g, ' ')
}
