/** Baselines: reports of earlier measurements, perhaps of another machine. */

import { type BenchReport, SCHEMA, type TargetResult } from './report.ts'

/** The report that `text` holds. Throws an `Error` that says what is wrong with it. */
export function parseBaseline(text: string): BenchReport {
  const report = parseJson(text)
  if (report?.schema !== SCHEMA) throw new Error(`is not a report of bench: its "schema" is not ${JSON.stringify(SCHEMA)}`)
  if (!Array.isArray(report.results) || !report.results.every(isResult)) throw new Error('has results without "target" and "costs"')
  return report
}

function parseJson(text: string): BenchReport | null {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('is not JSON')
  }
}

function isResult(result: TargetResult | null): boolean {
  const costs: unknown = result?.costs
  return (
    typeof result?.target === 'string' &&
    Array.isArray(costs) &&
    costs.length > 0 &&
    costs.every((launch) => Array.isArray(launch) && launch.length > 0 && launch.every((cost) => typeof cost === 'number' && cost > 0))
  )
}

/** The baseline's costs of a target; null where it has none. */
export function baselineOf(report: BenchReport, target: string): TargetResult | null {
  return report.results.find((result) => result.target === target) ?? null
}

/** What makes a comparison with the baseline doubtful, in words. */
export function baselineRemarks(baseline: BenchReport, report: Pick<BenchReport, 'bundle' | 'engine'>): string[] {
  const { bundle, engine } = baseline
  const remarks = []
  if (bundle?.modelHash !== report.bundle.modelHash) remarks.push('the baseline is of another model')
  if (engine?.name !== report.engine.name) remarks.push(`the baseline was measured in ${engine?.name}, this in ${report.engine.name}`)
  else if (engine.version !== report.engine.version)
    remarks.push(`the baseline was measured in ${engine.name} ${engine.version}, this in ${report.engine.version}`)
  return remarks
}
