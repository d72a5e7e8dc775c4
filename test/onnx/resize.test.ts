import { describe, expect, it } from 'vitest'
import { nodesOf } from '../../ir/graph/graph.ts'
import { float32, int64, type Tensor, tensor } from '../../ir/tensors/tensor.ts'
import { counting, imported, refusal, run, type TestModel, type TestNode } from './model.ts'

interface Inputs {
  readonly roi?: readonly number[]
  readonly scales?: readonly number[]
  readonly sizes?: readonly number[]
}

function resizing(x: Tensor, { roi, scales, sizes }: Inputs, attrs: TestNode['attrs'] = {}, opset = 19): TestModel {
  const constants: Record<string, Tensor> = {}
  if (roi) constants.roi = float32([roi.length], roi)
  if (scales) constants.scales = float32([scales.length], scales)
  if (sizes) constants.sizes = int64([sizes.length], sizes)
  const names = ['x', roi ? 'roi' : '', scales ? 'scales' : '', ...(sizes ? ['sizes'] : [])]
  return { opset, inputs: { x }, constants, nodes: [{ op: 'Resize', in: names, out: ['y'], attrs }] }
}

const values = (model: TestModel): number[] => (run(model)[0]?.values ?? []).map((v) => Math.round(v * 1e4) / 1e4)
const row = counting([1, 1, 1, 4])

describe('Resize', () => {
  it.each([
    ['half_pixel', [1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4]],
    ['asymmetric', [1, 1.5, 2, 2.5, 3, 3.5, 4, 4]],
    ['align_corners', [1, 1.4286, 1.8571, 2.2857, 2.7143, 3.1429, 3.5714, 4]],
    ['pytorch_half_pixel', [1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4]],
  ])('linear, %s', (coordinate_transformation_mode, want) => {
    expect(values(resizing(row, { sizes: [1, 1, 1, 8] }, { mode: 'linear', coordinate_transformation_mode }))).toEqual(want)
  })

  it.each([
    ['round_prefer_floor', [1, 2, 2, 3, 4, 4]],
    ['round_prefer_ceil', [1, 2, 2, 3, 4, 4]],
    ['floor', [1, 1, 2, 3, 3, 4]],
    ['ceil', [1, 2, 3, 3, 4, 4]],
  ])('nearest, %s', (nearest_mode, want) => {
    const attrs = { nearest_mode, coordinate_transformation_mode: 'asymmetric' }
    expect(values(resizing(row, { scales: [1, 1, 1, 1.5] }, attrs))).toEqual(want)
  })

  it('pytorch_half_pixel takes the first element for one position', () => {
    expect(values(resizing(row, { sizes: [1, 1, 1, 1] }, { mode: 'cubic', coordinate_transformation_mode: 'pytorch_half_pixel' }))).toEqual(
      [1],
    )
  })

  it('half_pixel_symmetric keeps the middle where scales do not give whole extents', () => {
    const attrs = { mode: 'linear', coordinate_transformation_mode: 'half_pixel_symmetric' }
    expect(values(resizing(row, { scales: [1, 1, 1, 0.6] }, attrs))).toEqual([1.6667, 3.3333])
  })

  it('cubic with exclude_outside', () => {
    const [first, , , last] = values(resizing(row, { sizes: [1, 1, 1, 4] }, { mode: 'cubic', exclude_outside: 1 }))
    expect([first, last]).toEqual([1, 4])
    const grown = values(resizing(row, { scales: [1, 1, 1, 2] }, { mode: 'cubic', exclude_outside: 1, cubic_coeff_a: { float: -0.5 } }))
    expect(grown).toEqual([0.9118, 1.1679, 1.7099, 2.25, 2.75, 3.2901, 3.8321, 4.0882])
  })

  it('antialias stretches the filter', () => {
    expect(values(resizing(row, { sizes: [1, 1, 1, 2] }, { mode: 'linear', antialias: 1 }))).toEqual([1.625, 3.375])
  })

  it('tf_crop_and_resize, with what stands outside', () => {
    const attrs = { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize', extrapolation_value: { float: 9 } }
    const model = resizing(row, { roi: [0, 0, 0, 0.5, 1, 1, 1, 1.5], sizes: [1, 1, 1, 3] }, attrs)
    expect(values(model)).toEqual([2.5, 4, 9])
  })

  it('axes in any order, and the rest untouched', () => {
    const model = resizing(counting([1, 1, 2, 2]), { sizes: [4, 3] }, { axes: [3, 2], coordinate_transformation_mode: 'asymmetric' })
    expect(run(model)[0]?.shape).toEqual([1, 1, 3, 4])
  })

  it.each([
    ['not_larger', [1, 1, 3, 6]],
    ['not_smaller', [1, 1, 4, 8]],
  ])('keep_aspect_ratio_policy %s', (keep_aspect_ratio_policy, shape) => {
    expect(run(resizing(counting([1, 1, 2, 4]), { sizes: [4, 6] }, { keep_aspect_ratio_policy, axes: [2, 3] }))[0]?.shape).toEqual(shape)
  })

  it('repeats along axes of extent 1 and copies nothing for equal extents', () => {
    const ops = (model: TestModel) => nodesOf(imported(model)).map((n) => n.op)
    expect(ops(resizing(counting([1, 3, 1, 1]), { sizes: [1, 3, 4, 4] }, { mode: 'linear' }))).toEqual(['expand'])
    expect(ops(resizing(counting([1, 3, 2, 2]), { sizes: [1, 3, 2, 2] }, { mode: 'linear' }))).toEqual([])
    expect(ops(resizing(counting([1, 3, 1, 2]), { sizes: [1, 3, 4, 4] }, { mode: 'linear' }))).toEqual(['resize', 'expand'])
  })

  it('integers: copied, or interpolated and truncated', () => {
    const bytes = tensor('uint8', [3], Uint8Array.of(1, 2, 200))
    expect(run(resizing(bytes, { sizes: [6] }))[0]).toEqual({ dtype: 'uint8', shape: [6], values: [1, 1, 2, 2, 200, 200] })
    expect(run(resizing(bytes, { sizes: [2] }, { mode: 'linear' }))[0]).toEqual({ dtype: 'uint8', shape: [2], values: [1, 150] })
  })

  it.each([
    ['neither scales nor sizes', resizing(row, {}), /neither scales nor sizes are given/],
    ['an unknown mode', resizing(row, { sizes: [1, 1, 1, 2] }, { mode: 'area' }), /mode = "area" must be one of nearest, linear, cubic/],
    [
      'coordinates that the opset does not have',
      resizing(row, { sizes: [1, 1, 1, 2] }, { coordinate_transformation_mode: 'tf_half_pixel_for_nn' }),
      /coordinate_transformation_mode = "tf_half_pixel_for_nn"/,
    ],
    ['a scale of 0', resizing(row, { scales: [1, 1, 1, 0] }), /scales \[1,1,1,0\] must be positive/],
    ['extents beyond the limits', resizing(row, { sizes: [1, 1, 1, 2 ** 40] }), /overflow the limit|limit/],
    ['too few scales', resizing(row, { scales: [1, 2] }), /scales \[1,2\] for axes \[0,1,2,3\]/],
  ])('refuses %s', (_, model, message) => {
    expect(refusal(model)).toMatch(message)
  })
})

describe('Upsample', () => {
  const nodes = [{ op: 'Upsample', in: ['x', 's'], out: ['y'], attrs: { mode: 'linear' } }]
  it('is asymmetric', () => {
    expect(values({ opset: 9, inputs: { x: row }, constants: { s: float32([4], [1, 1, 1, 2]) }, nodes })).toEqual([
      1, 1.5, 2, 2.5, 3, 3.5, 4, 4,
    ])
  })
  it('has scales as an attribute in opset 7', () => {
    const attrs = { mode: 'nearest', scales: { floats: [1, 1, 1, 2] } }
    expect(values({ opset: 7, inputs: { x: row }, nodes: [{ op: 'Upsample', in: ['x'], out: ['y'], attrs }] })).toEqual([
      1, 1, 2, 2, 3, 3, 4, 4,
    ])
  })
})
