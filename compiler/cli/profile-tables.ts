/** A profile as tables for people. */

import { printable } from '../../ir/diagnostics.ts'
import type { Bandwidth, Profile, ProfileLayer } from '../profile/analyse.ts'
import { familiesOf } from '../profile/families.ts'
import { type Colors, formatBytes, table } from '../terminal/output.ts'

/** Layers, kernels, and totals. */
export function profileTables(profile: Profile, colors: Colors): string {
  const { bundle, target, machine, runs } = profile
  const heading = `${colors.bold(printable(bundle))}  ${target}, ${runs} runs on ${printable(machine.cpu)}, Node ${machine.node}`
  return [heading, '', layerTable(profile, colors), '', familyTable(profile, colors), '', ...summary(profile, colors)].join('\n')
}

function layerTable({ layers }: Profile, colors: Colors): string {
  const head = ['layer', 'kernel', 'median', 'min', 'share', 'GMAC/s', 'bytes', 'bound', 'of ceiling']
  const rows = layers.map((layer) => [
    printable(cut(shortName(layer))),
    printable(cut(layer.kernel)),
    micros(layer.medianUs),
    micros(layer.minUs),
    percent(layer.share),
    layer.macs > 0 ? layer.gmacPerS.toFixed(1) : '',
    layer.bytes > 0 ? formatBytes(layer.bytes) : '',
    layer.bound ?? '',
    layer.ofCeiling === null ? '' : percent(layer.ofCeiling),
  ])
  return table(colors, head, rows, [2, 3, 4, 5, 6, 8])
}

function familyTable({ layers }: Profile, colors: Colors): string {
  const head = ['kernels', 'steps', 'median', 'share', 'multiply-adds', 'GMAC/s']
  const rows = familiesOf(layers).map(({ family, steps, medianUs, share, macs }) => [
    printable(family),
    String(steps),
    micros(medianUs),
    percent(share),
    macs > 0 ? `${(macs / 1e6).toFixed(1)} M` : '',
    macs > 0 ? (macs / medianUs / 1e3).toFixed(1) : '',
  ])
  return table(colors, head, rows, [1, 2, 3, 4, 5])
}

function summary({ totals, ceilings }: Profile, { bold }: Colors): string[] {
  const { run, steps, macs, gmacPerS, ofPeak, ofCeiling } = totals
  const difference = steps.medianUs / run.medianUs - 1
  return [
    `run       ${bold(millis(run.medianUs))} median, ${millis(run.minUs)} min: ${(macs / 1e6).toFixed(1)} M multiply-adds at ${gmacPerS.toFixed(1)} GMAC/s`,
    `steps     ${millis(steps.medianUs)} median, ${millis(steps.minUs)} min when run one by one: ${signedPercent(difference)} against a whole run`,
    `ceilings  ${ceilings.gmacPerS.toFixed(1)} GMAC/s in registers; reads at ${ceilings.bandwidths.map(bandwidth).join(', ')}`,
    `          the run reaches ${percent(ofPeak)} of the multiply-add ceiling, ${percent(ofCeiling)} of the roofline`,
  ]
}

function bandwidth({ bytes, gbPerS }: Bandwidth): string {
  return `${gbPerS.toFixed(1)} GB/s (${formatBytes(bytes)})`
}

/** Cuts long names. The JSON and the report have them whole. */
const WIDEST = 52

function cut(name: string): string {
  return name.length > WIDEST ? `${name.slice(0, WIDEST - 1)}…` : name
}

/** Removes the slash with which PyTorch's exporters begin names. */
function shortName({ layer, nodes }: ProfileLayer): string {
  const more = nodes.length > 1 ? ` +${nodes.length - 1}` : ''
  return layer.replace(/^\//, '') + more
}

function micros(us: number): string {
  return `${us < 10 ? us.toFixed(1) : us.toFixed(0)} µs`
}

function millis(us: number): string {
  return us < 1000 ? micros(us) : `${Number((us / 1e3).toPrecision(4))} ms`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function signedPercent(share: number): string {
  return `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`
}
