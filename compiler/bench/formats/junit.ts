/** JUnit XML: a test case per target, which fails where it got slower. */

import type { BenchReport, TargetResult } from '../report.ts'
import { layerRows, ms, verdictOf } from './figures.ts'

/** JUnit XML: a test case for each target, failed where it is slower. */
export function formatJunit(report: BenchReport): string {
  const failures = report.results.filter(({ comparison }) => comparison?.verdict === 'slower').length
  const attributes = `name="${escaped(`bench ${report.bundle.folder}`)}" tests="${report.results.length}" failures="${failures}"`
  const cases = report.results.map((result) => testCase(result, report))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n  <testsuite ${attributes}>\n${cases.join('')}  </testsuite>\n</testsuites>\n`
}

function testCase(result: TargetResult, { bundle, maxRegression = 0 }: BenchReport): string {
  const { target, comparison, slowed = [] } = result
  const { median, interval } = result.milliseconds
  const open = `    <testcase classname="${escaped(bundle.folder)}" name="${target}" time="${(median / 1000).toFixed(6)}">\n`
  const figures = `median ${ms(median)} ms, 95 % interval ${ms(interval[0])} to ${ms(interval[1])} ms`
  const verdict = comparison && verdictOf(target, comparison, maxRegression)
  const layers = layerRows(slowed).rows.map((cells) => cells.join('  '))
  const failure =
    comparison?.verdict === 'slower'
      ? `      <failure message="${escaped(verdict ?? '')}">${escaped([verdict, ...layers].join('\n'))}</failure>\n`
      : ''
  const out = `      <system-out>${escaped(verdict ? `${figures}; ${verdict}` : figures)}</system-out>\n`
  return `${open}${failure}${out}    </testcase>\n`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** XML has no control characters but tab and line ends, not even escaped. */
function escaped(text: string): string {
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '�').replace(/[&<>"]/g, (c) => ENTITIES[c] as string)
}
