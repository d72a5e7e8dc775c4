/** Figures as text, in the form that all formats use. */

import type { Comparison } from '../judge.ts'
import type { LayerChange } from '../layers.ts'
import type { BenchReport, TargetResult } from '../report.ts'

/** `3.46`: milliseconds with three digits. */
export function ms(milliseconds: number): string {
  return milliseconds < 100 ? milliseconds.toPrecision(3) : milliseconds.toFixed(0)
}

/** The value as `format` writes it, or a dash where there is none. */
export function optional(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value)
}

/** `87 %`, from a fraction. */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(0)} %`
}

/** `+4.3 %`: how much slower. */
export function change(ratio: number): string {
  const by = 100 * (ratio - 1)
  return `${by < 0 ? '−' : '+'}${Math.abs(by).toFixed(1)} %`
}

/** `relaxed-simd: 10.2 % slower …`, for the target of a result that has a comparison. */
export function verdictOf(target: string, comparison: NonNullable<TargetResult['comparison']>, maxRegression: number): string {
  const { verdict, against } = comparison
  const other = against === 'bundle' ? 'the other bundle' : 'the baseline'
  const words = {
    slower: `slower than ${other} by more than ${percent(maxRegression)}`,
    faster: `faster than ${other}`,
    unchanged: `not slower than ${other} by more than ${percent(maxRegression)}`,
    unclear: `too noisy to tell within the time; give it more with --max-secs`,
  }
  return `${target}: ${words[verdict]}: ${evidence(comparison)}`
}

/** `+10.2 % (95 % interval +9.1 % to +11.4 %, p = 0.0001)` */
export function evidence({ ratio, interval: [low, high], p }: Comparison): string {
  return `${change(ratio)} (95 % interval ${change(low)} to ${change(high)}, p ${p < 1e-4 ? '< 0.0001' : `= ${p.toPrecision(2)}`})`
}

const SHOWN_LAYERS = 12

/** The names of the ONNX nodes that a layer computes, cut at 60 characters; the kernel where it has none. */
function layerName({ origins, kernel }: LayerChange): string {
  const name = origins.join(' + ')
  return name === '' ? kernel : name.length > 60 ? `${name.slice(0, 59)}…` : name
}

export interface LayerRows {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** How many layers are not in the rows. */
  readonly more: number
}

/** Cells of a table of the layers that slowed down most; `layers` come in that order. */
export function layerRows(layers: readonly LayerChange[]): LayerRows {
  return {
    head: ['slower layer', 'before ms', 'now ms', 'change'],
    rows: layers.slice(0, SHOWN_LAYERS).map((layer) => [layerName(layer), ms(layer.before), ms(layer.now), change(layer.ratio)]),
    more: Math.max(0, layers.length - SHOWN_LAYERS),
  }
}

export interface Rows {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** One row per target, and per subject of a comparison of bundles. */
export function resultRows(report: BenchReport): Rows {
  const head = ['target', 'min ms', 'median ms', '95 % interval', 'p90 ms', 'GMAC/s', 'of ceiling', 'load ms', 'first run ms', 'memory MiB']
  const rows = report.results.flatMap((result) => [
    row(result.target, result),
    ...(result.base ? [row(`${result.target} (base)`, result.base)] : []),
  ])
  return { head, rows }
}

function row(name: string, timing: Omit<TargetResult, 'target' | 'ceiling'>): string[] {
  const { min, median, p90, interval } = timing.milliseconds
  return [
    name,
    ms(min),
    ms(median),
    `${ms(interval[0])} to ${ms(interval[1])}`,
    ms(p90),
    optional(timing.gmacs, (x) => x.toFixed(1)),
    optional(timing.fraction, percent),
    ms(timing.loadMilliseconds),
    ms(timing.firstRunMilliseconds),
    (timing.memoryBytes / 2 ** 20).toFixed(1),
  ]
}

/** `Node 20.20.2, 150 rounds in 3 launches` */
export function circumstances({ engine, machine, results }: BenchReport): string {
  const [first] = results
  const name = engine.name === 'node' ? 'Node' : 'Chromium'
  return `${name} ${engine.version}, ${machine.cpu}; ${first?.rounds ?? 0} rounds in ${first?.launches ?? 0} launches`
}

/** One line per target that got slower. */
export function regressions({ results, maxRegression = 0 }: BenchReport): string[] {
  return results.flatMap(({ target, comparison }) =>
    comparison?.verdict === 'slower' ? [verdictOf(target, comparison, maxRegression)] : [],
  )
}
