/** Inspection reports as tables for people. */

import { type Diagnostic, printable } from '../../ir/diagnostics.ts'
import { formatType } from '../../ir/tensors/types.ts'
import type { Manifest } from '../bundle/bundle.ts'
import type { ModelReport, NamedType } from '../inspection/inspect.ts'
import { type Colors, formatBytes, table } from '../terminal/output.ts'

/** Layers, kinds of layers, and totals. */
export function modelTables(report: ModelReport, colors: Colors): string {
  const { totals } = report
  const heading = `${colors.bold(printable(report.name || 'graph'))}  ${ports(report.inputs)} → ${ports(report.outputs)}`
  const summary = [
    `${count(totals.parameters) || 0} parameters, ${count(totals.macs) || 0} multiply-adds in ${totals.layers} layers`,
    `${formatBytes(totals.weightBytes)} of weights; layers read ${formatBytes(totals.readBytes)} and write ${formatBytes(totals.writtenBytes)} of activations`,
  ]
  return [heading, '', layerTable(report, colors), '', kindTable(report, colors), '', ...summary].join('\n')
}

function layerTable({ layers }: ModelReport, colors: Colors): string {
  const head = ['layer', 'name', 'input', 'output', 'parameters', 'multiply-adds', 'share', 'weights', 'read', 'written']
  const rows = layers.map((layer) => [
    layer.title,
    printable(layer.name),
    layer.inputs.join(' '),
    layer.output,
    count(layer.parameters),
    count(layer.macs),
    percent(layer.share),
    bytes(layer.weightBytes),
    bytes(layer.readBytes),
    bytes(layer.writtenBytes),
  ])
  return table(colors, head, rows, [4, 5, 6, 7, 8, 9])
}

function kindTable({ kinds }: ModelReport, colors: Colors): string {
  const head = ['kind', 'layers', 'multiply-adds', 'share', 'parameters', 'share']
  const rows = kinds.map((kind) => [
    kind.kind === 'pointwise' ? 'pointwise (1×1)' : kind.kind,
    String(kind.layers),
    count(kind.macs),
    percent(kind.macsShare),
    count(kind.parameters),
    percent(kind.parametersShare),
  ])
  return table(colors, head, rows, [1, 2, 3, 4, 5])
}

/** A bundle's ports, targets and sizes. */
export function bundleTables(manifest: Manifest, colors: Colors): string {
  const { sizes, peakMemory } = manifest
  const size = (of: Readonly<Record<string, number>>, target: string): string => formatBytes(of[target] ?? 0)
  const targets = manifest.targets.map((t) => [t, size(sizes.code, t), size(sizes.arena, t), size(peakMemory, t)])
  const files = Object.entries(manifest.files).map(([name, file]) => [printable(name), formatBytes(file.bytes)])
  const port = ({ name, shape, dtype }: Manifest['inputs'][number]): NamedType => ({ name, type: formatType({ dtype, shape }) })
  return [
    `${colors.bold('bundle')}  ${ports(manifest.inputs.map(port))} → ${ports(manifest.outputs.map(port))}`,
    `of the model ${manifest.modelHash.slice(0, 16)}…, by mobilenet-compile ${printable(manifest.compilerVersion)}`,
    '',
    table(colors, ['target', 'code', 'arena', 'peak memory'], targets, [1, 2, 3]),
    '',
    table(colors, ['file', 'size'], files, [1]),
    '',
    `${formatBytes(sizes.weights)} of weights, ${formatBytes(sizes.loader)} of loader`,
  ].join('\n')
}

/** What keeps a model from being compiled: a row for each, and each hint once. */
export function problemTable(diagnostics: readonly Diagnostic[], colors: Colors): string {
  const rows = diagnostics.map(({ node, code, message }) => [node?.opType ?? '–', code, cut(message), cut(node?.name ?? '')].map(printable))
  const hints = [...new Set(diagnostics.flatMap((d) => d.hint ?? []))].map((hint) => {
    const operators = [...new Set(diagnostics.flatMap((d) => (d.hint === hint ? (d.node?.opType ?? []) : [])))]
    return printable(`hint: ${operators.join(', ')}: ${hint}`)
  })
  return [table(colors, ['operator', 'problem', 'message', 'first node'], rows), '', ...hints].join('\n')
}

const WIDEST = 72

function cut(text: string): string {
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text
}

function ports(list: readonly NamedType[]): string {
  return printable(list.map(({ name, type }) => `${name}: ${type}`).join(', '))
}

function percent(share: number): string {
  return share === 0 ? '' : `${(100 * share).toFixed(1)} %`
}

/** About three digits: `4.22 M`. Zero is an empty cell, so that tables show what matters. */
function count(n: number): string {
  if (n < 1000) return n === 0 ? '' : String(n)
  const units = ['K', 'M', 'G']
  const power = Math.min(units.length, Math.floor(Math.log10(n) / 3))
  const value = n / 1000 ** power
  return `${value.toFixed(value < 10 ? 2 : 1)} ${units[power - 1]}`
}

function bytes(n: number): string {
  return n === 0 ? '' : formatBytes(n)
}
