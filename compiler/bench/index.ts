/** Measures a bundle, and compares it with another one or with a baseline. */

import { cpus } from 'node:os'
import type { Target } from '../../targets/target/target.ts'
import { baselineOf } from './baseline.ts'
import type { Engine } from './engine.ts'
import { borderline, type Comparison, compareBaseline, comparePaired } from './judge.ts'
import { LAUNCHES, Measurement, type MeasureOptions, type TargetSample } from './measure.ts'
import { type BenchReport, bundleInfo, SCHEMA, slowedLayers, type TargetResult, targetResult } from './report.ts'
import type { Subject } from './subject.ts'

export interface BenchOptions extends MeasureOptions {
  readonly targets: readonly Target[]
  /** Measured in the same rounds. Wins over `baseline`. */
  readonly compare?: Subject | undefined
  /** Targets that it lacks are not compared. */
  readonly baseline?: BenchReport | undefined
  /** Slowdown that is tolerated, as a fraction. */
  readonly maxRegression: number
  /** Called before each launch. */
  readonly onLaunch?: (launch: number) => void
}

/** Launches the engine again and again, until no result is borderline or the time is over. */
export async function bench(engine: Engine, subject: Subject, options: BenchOptions): Promise<BenchReport> {
  const subjects = [subject, ...(options.compare ? [options.compare] : [])]
  const measurement = new Measurement(engine, subjects, options.targets, options)
  let results: TargetResult[] = []
  do {
    options.onLaunch?.(measurement.launches + 1)
    await measurement.launch()
    results = measurement.samples().map((sample) => resultOf(sample, subjects, options))
  } while (measurement.mayContinue && (measurement.launches < LAUNCHES || results.some((result) => isBorderline(result, options))))
  const compares = options.compare ?? options.baseline
  return {
    schema: SCHEMA,
    bundle: bundleInfo(subject),
    ...(options.compare && { base: bundleInfo(options.compare) }),
    engine: engine.info,
    machine: { cpu: cpus()[0]?.model ?? 'unknown', platform: `${process.platform}-${process.arch}` },
    ...(compares && { maxRegression: options.maxRegression }),
    results,
  }
}

function resultOf(sample: TargetSample, subjects: readonly Subject[], options: BenchOptions): TargetResult {
  const result = targetResult(sample, subjects)
  const earlier = result.base ?? (options.baseline && baselineOf(options.baseline, sample.target.name))
  if (!earlier) return result
  const comparison = result.base
    ? { against: 'bundle' as const, ...paired(sample, options.maxRegression) }
    : { against: 'baseline' as const, ...compareBaseline(result.costs, earlier.costs, options.maxRegression) }
  const slowed = comparison.verdict === 'slower' ? slowedLayers(result, earlier, options.maxRegression) : undefined
  return { ...result, comparison, ...(slowed && { slowed }) }
}

function paired({ subjects: [head = [], base = []] }: TargetSample, margin: number): Comparison {
  return comparePaired(
    head.map(({ times }) => times),
    base.map(({ times }) => times),
    margin,
  )
}

function isBorderline({ comparison }: TargetResult, { maxRegression }: BenchOptions): boolean {
  return comparison !== undefined && borderline(comparison, maxRegression)
}
