import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { optimise } from '../../compiler/pipeline.ts'
import type { Graph, Node } from '../../ir/graph/graph.ts'
import type { Activation } from '../../ir/ops/conv.ts'
import { expandedDepthwise, invertedResidual, separable } from '../../targets/kernels/convolution/inverted-residual.ts'
import { KERNELS } from '../../targets/kernels/index.ts'
import type { Kernel } from '../../targets/selection/kernel.ts'
import { select } from '../../targets/selection/select.ts'
import { TARGETS, type Target } from '../../targets/target/target.ts'
import { every, sample } from '../run/short-form.ts'
import { quickModel } from '../zoo/models.ts'
import { type BlockCase, blockGraph } from './block-graph.ts'
import { checkKernel, coverOf } from './harness.ts'

const SIMD = { targets: ['simd128', 'relaxed-simd'] } as const
const RELU6: Activation = { op: 'clamp', min: 0, max: 6 }

/** Map sizes at, below and above tiles; the short form takes one of each parity. */
const SIZES = [3, 4, 7, 8, 13, 14, 15]

/** Checks the whole block, its part without the source, and its part without the sink. */
function check(c: BlockCase): void {
  checkKernel(invertedResidual, blockGraph(c), SIMD)
  checkKernel(separable, blockGraph({ ...c, source: null }), SIMD)
  checkKernel(expandedDepthwise, blockGraph({ ...c, sink: null }), SIMD)
}

describe('inverted residual', () => {
  for (const kernel of [3, 5, 7] as const) {
    for (const stride of [1, 2] as const) {
      it.each(sample(SIZES, (size) => size === (stride === 1 ? 14 : 3)))(
        `${kernel}×${kernel} stride ${stride}, same padding, %i²`,
        (size) => {
          const pad = (kernel - 1) / 2
          check({ x: [1, size, size, 4], source: { channels: 8 }, kernel: [kernel, kernel], pads: [pad, pad, pad, pad], stride, sink: 8 })
        },
      )
    }
  }

  it.each(every(2, [1, 2, 3, 5, 6, 7, 9, 12, 17]))('%i expanded channels', (channels) => {
    check({ x: [1, 6, 9, 3], source: { channels, act: RELU6 }, act: RELU6, sink: channels + 1, sinkAct: RELU6 })
  })

  it.each([1, 2, 3, 5, 12])('adds a residual that is the input or another value, %i channels', (channels) => {
    const block = { x: [1, 6, 8, channels], source: { channels: 10, act: RELU6 }, act: RELU6, sink: channels } as const
    checkKernel(invertedResidual, blockGraph({ ...block, residual: 'input' }), SIMD)
    checkKernel(invertedResidual, blockGraph({ ...block, residual: 'other' }), SIMD)
    checkKernel(separable, blockGraph({ ...block, source: null, residual: 'other' }), SIMD)
    checkKernel(separable, blockGraph({ ...block, source: null, residual: 'input' }), SIMD)
  })

  const pads = [
    [0, 0, 0, 0],
    [0, 0, 1, 1],
    [1, 0, 0, 1],
    [0, 1, 2, 0],
    [2, 3, 1, 2],
    [4, 5, 5, 4],
  ] as const
  it.each(every(3, pads))('pads %i %i %i %i', (...p) => {
    for (const stride of [1, 2] as const) {
      check({ x: [1, 8, 10, 4], source: { channels: 6 }, pads: p, stride, sink: 5 })
      check({ x: [1, 7, 9, 4], source: { channels: 6 }, kernel: [5, 3], pads: p, stride, sink: 5 })
    }
  })

  it('dilates', () => {
    check({ x: [1, 9, 9, 4], source: { channels: 6 }, pads: [2, 2, 2, 2], dilation: 2, sink: 5 })
    check({ x: [1, 9, 9, 4], source: { channels: 6 }, pads: [12, 12, 12, 12], dilation: 12, sink: 5 })
  })

  it('steps over rows that no window reads', () => {
    check({ x: [1, 9, 9, 4], source: { channels: 6 }, kernel: [1, 1], pads: [0, 0, 0, 0], stride: 2, sink: 5 })
    check({ x: [1, 10, 10, 4], source: { channels: 6 }, kernel: [2, 2], pads: [0, 0, 0, 0], stride: 3, sink: 5 })
  })

  it('has sources that are windows themselves', () => {
    for (const nchw of [true, false]) {
      check({ x: [1, 14, 14, 3], source: { channels: 8, kernel: 3, stride: 2, act: RELU6, nchw }, sink: 5 })
      check({ x: [1, 15, 13, 3], source: { channels: 7, kernel: 3, stride: 2, nchw }, stride: 2, sink: 9 })
    }
  })

  it('has products in blocks of panels', () => {
    const block = blockGraph({ x: [1, 3, 4, 8], source: { channels: 8200 }, sink: 20 })
    checkKernel(invertedResidual, block, { ...SIMD, tolerance: { rtol: 1e-3, atol: 1e-3 } })
  })

  it('works on a batch', () => {
    check({ x: [3, 6, 8, 6], source: { channels: 12 }, act: RELU6, sink: 7 })
    check({ x: [2, 12, 12, 3], source: { channels: 8, kernel: 3, stride: 2, nchw: true }, stride: 2, sink: 4 })
    checkKernel(invertedResidual, blockGraph({ x: [2, 6, 8, 6], source: { channels: 12 }, sink: 6, residual: 'input' }), SIMD)
  })

  const acts: Activation[] = [{ op: 'hard-swish' }, { op: 'hard-sigmoid', alpha: 0.2, beta: 0.5 }, { op: 'leaky-relu', alpha: 0.1 }]
  it.each(acts)('applies $op', (act) => {
    check({ x: [1, 5, 5, 7], source: { channels: 9, act }, act, sink: 6, sinkAct: act })
  })

  it('leaves alone what others read, too', () => {
    const target = TARGETS[2] as Target
    const block = { x: [1, 6, 8, 6], source: { channels: 12 }, sink: 7 } as const
    const covers = (kernel: Kernel, graph: Graph) => coverOf(kernel, graph, target) !== null
    expect(covers(invertedResidual, blockGraph({ ...block, alsoRead: 'source' }))).toBe(false)
    expect(covers(separable, blockGraph({ ...block, alsoRead: 'source' }))).toBe(true)
    expect(covers(separable, blockGraph({ ...block, alsoRead: 'depthwise' }))).toBe(false)
    expect(covers(expandedDepthwise, blockGraph({ ...block, sink: null, alsoRead: 'source' }))).toBe(false)
  })

  it.each(['simd128', 'relaxed-simd'])('is chosen for large maps and not for small ones, %s', (name) => {
    const graph = optimise(importModel(quickModel('mobilenet-v2', { resolution: 224, classes: 1000 })))
    const target = TARGETS.find((t) => t.name === name) as Target
    const covers = select(graph, KERNELS, { target })
    const chosen = (size: number): Set<string> =>
      new Set(covers.filter((c) => c.nodes.some((n) => isDepthwiseOf(n, size))).map((c) => c.kernel))
    expect([...chosen(112)]).toEqual(['inverted-residual'])
    expect([...chosen(56)]).toContain('inverted-residual')
    expect([...chosen(56)]).not.toContain('depthwise')
    expect([...chosen(14)]).toEqual(['depthwise'])
    expect([...chosen(7)]).toEqual(['depthwise'])
  })
})

function isDepthwiseOf(node: Node, size: number): boolean {
  return node.op === 'conv' && node.attrs.group > 1 && node.inputs[0]?.type.shape[1] === size
}
