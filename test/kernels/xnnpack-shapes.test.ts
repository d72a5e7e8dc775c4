/** Every kernel on the shapes with which XNNPACK tests its own, from ../shared/data; the short form takes a sample. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { apply, type Graph, inputValue } from '../../ir/graph/graph.ts'
import type { Activation } from '../../ir/ops/conv.ts'
import type { Pads, Pair } from '../../ir/ops/window.ts'
import { KERNELS } from '../../targets/kernels/index.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { every } from '../run/short-form.ts'
import { sharedData } from '../shared-data.ts'
import { type ConvCase, convGraph } from './conv-graph.ts'
import { checkKernel, coverOf } from './harness.ts'

/** The short form takes every so manieth of the distinct shapes of a suite, on every target. */
const STEP = 14

type Entry = Readonly<Record<string, number | readonly number[] | boolean | string>>

const folder = sharedData('conformance/xnnpack-shapes')
const suites = folder
  ? (JSON.parse(readFileSync(join(folder, 'shapes.json'), 'utf8')) as { suites: Record<string, readonly Entry[]> }).suites
  : {}

function number(entry: Entry, name: string, absent: number): number {
  const value = entry[name]
  return typeof value === 'number' ? value : absent
}

/** Height and width, given together, apart, or as one number. */
function pair(entry: Entry, name: string, absent: number): Pair {
  const value = entry[name]
  if (Array.isArray(value)) return [value[0] as number, value[1] as number]
  const both = typeof value === 'number' ? value : absent
  const stem = name.replace('_size', '')
  return [number(entry, `${stem}_height`, both), number(entry, `${stem}_width`, both)]
}

function padsOf(entry: Entry, input: Pair, kernel: Pair, strides: Pair, dilations: Pair): Pads {
  const [h, w] = pair(entry, 'padding', 0)
  const plain: Pads = [
    number(entry, 'padding_top', h),
    number(entry, 'padding_left', w),
    number(entry, 'padding_bottom', h),
    number(entry, 'padding_right', w),
  ]
  if (!entry.padding_tf_same) return plain
  const total = ([0, 1] as const).map((i) =>
    Math.max(0, (Math.ceil(input[i] / strides[i]) - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - input[i]),
  ) as unknown as Pair
  const [top, left] = [Math.floor(total[0] / 2), Math.floor(total[1] / 2)]
  return [top, left, total[0] - top, total[1] - left]
}

/** Bounds are in quantised units there; here they cut off one half of the results. */
function activationOf(entry: Entry): Activation | undefined {
  if (entry.qmin === undefined && entry.qmax === undefined) return undefined
  return entry.qmin === undefined
    ? { op: 'clamp', min: Number.NEGATIVE_INFINITY, max: 0 }
    : { op: 'clamp', min: 0, max: Number.POSITIVE_INFINITY }
}

function convCase(entry: Entry, nchw: boolean): ConvCase {
  const input = pair(entry, 'input_size', 8)
  const kernel = pair(entry, 'kernel_size', 1)
  const strides = pair(entry, 'subsampling', 1)
  const dilations = pair(entry, 'dilation', 1)
  const group = number(entry, 'groups', 1)
  const act = activationOf(entry)
  const attrs = { strides, dilations, group, pads: padsOf(entry, input, kernel, strides, dilations), ...(act ? { act } : {}) }
  const channels = group * number(entry, 'group_input_channels', 1)
  return {
    x: [number(entry, 'batch_size', 1), input[0], input[1], channels],
    outChannels: group * number(entry, 'group_output_channels', 1),
    kernel,
    nchw: nchw && !entry.force_nhwc_input,
    attrs,
  }
}

function denseCase(entry: Entry): ConvCase {
  const act = activationOf(entry)
  return {
    x: [1, 1, number(entry, 'batch_size', 1), number(entry, 'input_channels', 1)],
    outChannels: number(entry, 'output_channels', 1),
    ...(act ? { attrs: { act } } : {}),
  }
}

interface PoolCase {
  readonly fn: 'max' | 'mean'
  readonly shape: readonly number[]
  readonly kernel: Pair
}

function poolCase(entry: Entry, fn: PoolCase['fn']): PoolCase {
  const kernel = [number(entry, 'pooling_height', 1), number(entry, 'pooling_width', 1)] as const
  const [h, w] = pair(entry, 'input', 8)
  return { fn, shape: [number(entry, 'batch_size', 1), h, w, number(entry, 'channels', 1)], kernel }
}

function poolGraph({ fn, shape, kernel }: PoolCase): Graph {
  const x = inputValue('x', { dtype: 'float32', shape })
  const attrs = { fn, kernel, strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], ceil: false, countPads: false } as const
  return { name: 'pool', inputs: [x], outputs: [{ name: 'y', value: apply('pool', [x], attrs) }] }
}

/** An entry, and what it changes into where XNNPACK sets an operator up anew. */
function setups(entry: Entry): Entry[] {
  const next = Object.fromEntries(
    Object.entries(entry).flatMap(([name, value]) => (name.startsWith('next_') ? [[name.slice('next_'.length), value]] : [])),
  )
  return Object.keys(next).length > 0 ? [entry, { ...entry, ...next }] : [entry]
}

/** Channel strides are no shapes: tensors have no gaps here. */
function graphsOf(suite: string, entries: readonly Entry[]): Map<string, () => Graph> {
  const distinct = new Map<string, () => Graph>()
  for (const entry of entries.flatMap(setups)) {
    if (suite.includes('pooling')) {
      const c = poolCase(entry, suite.startsWith('max') ? 'max' : 'mean')
      distinct.set(JSON.stringify(c), () => poolGraph(c))
    } else {
      const c = suite.startsWith('fully') ? denseCase(entry) : convCase(entry, suite.endsWith('nchw'))
      distinct.set(JSON.stringify(c), () => convGraph(c))
    }
  }
  return distinct
}

/** Distinct shapes by suite: none is refused, and none may be lost. */
const DISTINCT: Readonly<Record<string, number>> = {
  'average-pooling-nhwc': 11,
  'convolution-nchw': 37,
  'convolution-nhwc': 119,
  'fully-connected-nc': 19,
  'max-pooling-nhwc': 6,
}

describe.skipIf(!folder)("shapes of XNNPACK's tests", () => {
  it('are all there', () => {
    const counts = Object.entries(suites).map(([suite, entries]) => [suite, graphsOf(suite, entries).size])
    expect(Object.fromEntries(counts)).toEqual(DISTINCT)
  })

  for (const [suite, entries] of Object.entries(suites)) {
    const cases = [...graphsOf(suite, entries)]
    const chosen = every(STEP, cases)
    it.each(chosen)(`${suite} (${chosen.length} of ${cases.length}): %s`, (_, graph) => {
      const built = graph()
      for (const target of TARGETS) {
        const fitting = KERNELS.filter((kernel) => coverOf(kernel, built, target))
        expect(fitting.length, `kernels for ${target.name}`).toBeGreaterThan(0)
        for (const kernel of fitting) checkKernel(kernel, built, { targets: [target.name], tolerance: { rtol: 1e-4, atol: 2e-4 } })
      }
    })
  }
})
