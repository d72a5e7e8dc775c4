/** All formats of a report. */

import type { Colors } from '../../terminal/output.ts'
import type { BenchReport } from '../report.ts'
import { formatJunit } from './junit.ts'
import { formatBencher, formatGha } from './services.ts'
import { formatStepSummary } from './step-summary.ts'
import { formatTable } from './table.ts'

export const FORMATS = ['table', 'json', 'gha', 'bencher', 'junit', 'step-summary'] as const

export type Format = (typeof FORMATS)[number]

/** The report as text in one of the formats. */
export function formatReport(report: BenchReport, format: Format, colors: Colors): string {
  switch (format) {
    case 'table':
      return formatTable(report, colors)
    case 'json':
      return formatJson(report)
    case 'gha':
      return formatGha(report)
    case 'bencher':
      return formatBencher(report)
    case 'junit':
      return formatJunit(report)
    case 'step-summary':
      return formatStepSummary(report)
  }
}

/** `BenchReport` as JSON. Numbers that are not counts have six digits, and each list of numbers is on one line. */
function formatJson(report: BenchReport): string {
  const text = JSON.stringify(
    report,
    (_, value) => (typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value),
    2,
  )
  return `${text.replace(/\[[\s\d.,e+-]+\]/g, (list) => `[${list.slice(1, -1).replace(/\s+/g, ' ').trim()}]`)}\n`
}
