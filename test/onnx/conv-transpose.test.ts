import { describe, expect, it } from 'vitest'
import { linkGraph, optimise } from '../../compiler/pipeline.ts'
import { runModule } from '../../compiler/running/run-module.ts'
import { seeded, seededTensor } from '../../compiler/running/seeded.ts'
import { nodesOf } from '../../ir/graph/graph.ts'
import { numbers, type Tensor } from '../../ir/tensors/tensor.ts'
import type { Shape } from '../../ir/tensors/types.ts'
import { TARGETS } from '../../targets/target/target.ts'
import { difference } from '../closeness.ts'
import { imported, refusal, run, type TestModel } from './model.ts'

interface Geometry {
  readonly kernel: readonly [number, number]
  readonly strides?: readonly [number, number]
  readonly dilations?: readonly [number, number]
  readonly pads?: readonly [number, number, number, number]
  readonly output_padding?: readonly [number, number]
  readonly group?: number
}

const CLOSE = { rtol: 1e-5, atol: 1e-5 }
const random = (shape: Shape, seed: number): Tensor => seededTensor({ dtype: 'float32', shape }, seeded(seed))

function model(shape: Shape, perGroup: number, geometry: Geometry): TestModel & { readonly constants: { w: Tensor; b: Tensor } } {
  const { kernel, group = 1, ...attrs } = geometry
  const constants = { w: random([shape[1] as number, perGroup, ...kernel], 2), b: random([group * perGroup], 3) }
  return {
    inputs: { x: random(shape, 1) },
    constants,
    nodes: [{ op: 'ConvTranspose', in: ['x', 'w', 'b'], out: ['y'], attrs: { ...attrs, group } }],
  }
}

/** As the operator is defined: every input is multiplied by the kernel and added where it spreads to. */
function scattered(shape: Shape, perGroup: number, g: Geometry, constants: { readonly w: Tensor; readonly b: Tensor }): Float64Array {
  const [n, c, h, w] = shape as [number, number, number, number]
  const { kernel, strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0], output_padding = [0, 0], group = 1 } = g
  const [xs, ws, bias] = [random(shape, 1), constants.w, constants.b].map(numbers) as [
    ArrayLike<number>,
    ArrayLike<number>,
    ArrayLike<number>,
  ]
  const outputs = group * perGroup
  const extent = (i: 0 | 1): number =>
    ([h, w][i] as number) * strides[i] -
    strides[i] +
    output_padding[i] +
    (kernel[i] - 1) * dilations[i] +
    1 -
    pads[i] -
    pads[i === 0 ? 2 : 3]
  const [oh, ow] = [extent(0), extent(1)]
  const y = Float64Array.from({ length: n * outputs * oh * ow }, (_, i) => bias[Math.floor(i / (oh * ow)) % outputs] as number)
  for (let i = 0; i < xs.length; i++) {
    const [image, channel] = [Math.floor(i / (c * h * w)), Math.floor(i / (h * w)) % c]
    const [top, left] = [Math.floor((i % (h * w)) / w) * strides[0] - pads[0], (i % w) * strides[1] - pads[1]]
    for (let t = 0; t < perGroup * kernel[0] * kernel[1]; t++) {
      const [o, tap] = [Math.floor(t / (kernel[0] * kernel[1])), t % (kernel[0] * kernel[1])]
      const [row, column] = [top + Math.floor(tap / kernel[1]) * dilations[0], left + (tap % kernel[1]) * dilations[1]]
      if (row < 0 || row >= oh || column < 0 || column >= ow) continue
      const to = ((image * outputs + Math.floor(channel / (c / group)) * perGroup + o) * oh + row) * ow + column
      y[to] = (y[to] as number) + (xs[i] as number) * (ws[channel * perGroup * kernel[0] * kernel[1] + t] as number)
    }
  }
  return y
}

const CASES: [string, Shape, number, Geometry][] = [
  ['2×2 stride 2', [1, 3, 4, 5], 2, { kernel: [2, 2], strides: [2, 2] }],
  ['4×4 stride 2, padded', [2, 2, 3, 4], 3, { kernel: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['3×3 stride 2 with output_padding', [1, 2, 3, 3], 2, { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] }],
  ['stride 1', [1, 2, 4, 3], 2, { kernel: [3, 2] }],
  ['strides beyond the kernel', [1, 2, 3, 2], 2, { kernel: [1, 2], strides: [3, 4] }],
  ['dilation', [1, 2, 4, 4], 2, { kernel: [3, 2], strides: [2, 3], dilations: [2, 2] }],
  ['groups', [1, 6, 3, 3], 2, { kernel: [3, 3], strides: [2, 2], group: 3 }],
  ['depthwise', [1, 4, 3, 3], 1, { kernel: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1], group: 4 }],
  ['large asymmetric pads', [1, 1, 5, 5], 1, { kernel: [3, 3], strides: [2, 2], pads: [4, 0, 3, 2] }],
]

describe('ConvTranspose', () => {
  it.each(CASES)('%s', (_, shape, perGroup, geometry) => {
    const given = model(shape, perGroup, geometry)
    const [y] = run(given)
    expect(difference(y?.values ?? [], scattered(shape, perGroup, geometry, given.constants), CLOSE)).toBeNull()
  })

  it.each(CASES.slice(0, 3))('%s on every target', (_, shape, perGroup, geometry) => {
    const given = model(shape, perGroup, geometry)
    const { modules, weights } = linkGraph(optimise(imported(given)), { targets: TARGETS })
    const want = scattered(shape, perGroup, geometry, given.constants)
    for (const module of modules) {
      const [y] = runModule(module, weights, Object.values(given.inputs))
      expect(difference(numbers(y as Tensor), want, { rtol: 1e-4, atol: 1e-4 })).toBeNull()
    }
  })

  it('of stride and kernel 2 is a product and one rearrangement, before that of the output', () => {
    const ops = nodesOf(optimise(imported(model([1, 3, 4, 5], 2, { kernel: [2, 2], strides: [2, 2] })))).map((n) => n.op)
    expect(ops.filter((op) => op !== 'reshape')).toEqual(['transpose', 'conv', 'transpose', 'transpose'])
  })

  it.each([
    ['VALID', {}, [1, 1, 7, 7]],
    ['SAME_UPPER', {}, [1, 1, 6, 6]],
    ['NOTSET', { output_shape: [8, 6] }, [1, 1, 8, 6]],
  ])('auto_pad %s %o', (auto_pad, attrs, shape) => {
    const base = model([1, 1, 3, 3], 1, { kernel: [3, 3], strides: [2, 2] })
    const nodes = base.nodes.map((n) => ({ ...n, attrs: { ...n.attrs, ...attrs, auto_pad } }))
    expect(run({ ...base, nodes })[0]?.shape).toEqual(shape)
  })

  it('in one dimension', () => {
    const nodes = [{ op: 'ConvTranspose', in: ['x', 'w'], out: ['y'], attrs: { strides: [2] } }]
    const model1 = { inputs: { x: random([1, 2, 5], 1) }, constants: { w: random([2, 3, 2], 2) }, nodes }
    expect(run(model1)[0]?.shape).toEqual([1, 3, 10])
    const padded = nodes.map((n) => ({ ...n, attrs: { ...n.attrs, output_padding: [1] } }))
    expect(run({ ...model1, nodes: padded })[0]?.shape).toEqual([1, 3, 11])
  })

  it('refuses groups that do not divide and pads that leave nothing', () => {
    expect(refusal(model([1, 3, 4, 4], 1, { kernel: [2, 2], group: 2 }))).toMatch(/in 2 groups for 3 input channels/)
    expect(refusal(model([1, 1, 2, 2], 1, { kernel: [1, 1], pads: [1, 1, 1, 1] }))).toMatch(/the result has extents \[0,0\]/)
  })
})
