/** Convolutions, pools, normalisation and resizing. */

import type { FuzzAttr } from '../case.ts'
import type { Picker } from '../pick.ts'
import {
  type Attributes,
  anyChannels,
  anyShape,
  constant,
  type Draft,
  either,
  from,
  type Generators,
  imageShape,
  listed,
  type Operand,
  runtime,
} from './draft.ts'

interface Window {
  readonly kernel: readonly number[]
  readonly attrs: Readonly<Record<string, FuzzAttr>>
  /** Least extents with which a window fits. */
  readonly extents: readonly number[]
}

/** Kernel, strides, dilations and pads over `axes` spatial axes. onnxruntime has no dilation with `auto_pad`. */
function windowOf(pick: Picker, axes: number, dilated = true, auto = true): Window {
  const each = <T>(list: readonly T[]): T[] => Array.from({ length: axes }, () => pick.choose(list))
  const kernel = pick.chance(0.7) ? new Array<number>(axes).fill(pick.choose([1, 2, 3, 3, 4, 5, 7])) : each([1, 2, 3, 4, 5])
  const strides = pick.chance(0.7) ? new Array<number>(axes).fill(pick.choose([1, 1, 2, 3])) : each([1, 2, 3])
  const style = pick.choose(auto ? ['none', 'explicit', 'explicit', 'auto'] : ['none', 'explicit'])
  const dilations = dilated && style !== 'auto' && pick.chance(0.3) ? each([1, 2, 3]) : each([1])
  const reach = kernel.map((k, i) => (k - 1) * (dilations[i] as number) + 1)
  const side = (): number[] => kernel.map((k) => pick.between(0, k - 1))
  const symmetric = side()
  const pads = pick.chance(0.6) ? [...symmetric, ...symmetric] : [...side(), ...side()]
  const attrs: Record<string, FuzzAttr> = {
    ...(pick.chance(0.8) && { strides }),
    ...(dilations.some((d) => d > 1) && { dilations }),
    ...(style === 'explicit' && { pads }),
    ...(style === 'auto' && { auto_pad: pick.choose(['SAME_UPPER', 'SAME_UPPER', 'SAME_LOWER', 'VALID']) }),
  }
  return { kernel, attrs, extents: reach }
}

function imageFor(pick: Picker, channels: number, extents: readonly number[]): number[] {
  return [pick.choose([1, 1, 1, 2]), channels, ...extents.map((least) => least + pick.choose([0, 1, 2, 3, 4, 5, 6, 9, 12]))]
}

const spatialAxes = (pick: Picker): number => (pick.chance(0.12) ? 1 : 2)

const conv = from(9, (pick) => {
  const { kernel, attrs, extents } = windowOf(pick, spatialAxes(pick))
  const group = pick.choose([1, 1, 1, 2, 3, 0])
  const channels = anyChannels(pick) * (group || 1)
  const groups = group || channels
  const outputs = groups * pick.choose([1, 1, 2, 3, 4, 5, 8])
  const x = runtime(pick, imageFor(pick, channels, extents))
  const weights = either(pick, 0.95, [outputs, channels / groups, ...kernel])
  const bias = pick.chance(0.5) ? [constant(pick, [outputs])] : []
  const stated = pick.chance(0.6) ? { kernel_shape: kernel } : {}
  return { operands: [x, weights, ...bias], attrs: { ...attrs, ...stated, ...(groups > 1 && { group: groups }) }, float: true }
})

const convTranspose = from(11, (pick) => {
  const { kernel, attrs, extents } = windowOf(pick, spatialAxes(pick), true, false)
  const group = pick.choose([1, 1, 2])
  const channels = pick.choose([1, 2, 3, 4, 8]) * group
  const each = pick.choose([1, 2, 3, 4, 8])
  const x = runtime(
    pick,
    imageFor(
      pick,
      channels,
      extents.map(() => 2),
    ),
  )
  const bias = pick.chance(0.5) ? [constant(pick, [each * group])] : []
  const strides = attrs.strides as number[] | undefined
  const more = strides && pick.chance(0.3) ? { output_padding: strides.map((s) => pick.between(0, s - 1)) } : {}
  return {
    operands: [x, constant(pick, [channels, each, ...kernel]), ...bias],
    attrs: { ...attrs, ...more, ...(group > 1 && { group }) },
    float: true,
  }
})

function pool(mean: boolean): (pick: Picker, opset: number) => Draft {
  return (pick, opset) => {
    const { kernel, attrs, extents } = windowOf(pick, spatialAxes(pick), mean ? opset >= 19 : opset >= 10)
    const x = runtime(pick, imageFor(pick, anyChannels(pick), extents))
    const ceil = opset >= 10 && pick.chance(0.25) ? { ceil_mode: 1 } : {}
    const counted = mean && pick.chance(0.3) ? { count_include_pad: 1 } : {}
    return { operands: [x], attrs: { kernel_shape: kernel, ...attrs, ...ceil, ...counted }, float: true }
  }
}

const globalPool = from(9, (pick) => ({ operands: [runtime(pick, imageShape(pick))], float: true }))

const batchNormalization = from(9, (pick) => {
  const shape = pick.chance(0.7) ? imageShape(pick) : anyShape(pick, 2, 4)
  const channels = [shape[1] as number]
  const parameters: Operand[] = [
    constant(pick, channels),
    constant(pick, channels),
    constant(pick, channels),
    constant(pick, channels, 'float32', true),
  ]
  return { operands: [runtime(pick, shape), ...parameters], attrs: pick.chance(0.5) ? { epsilon: { float: 1e-3 } } : {}, float: true }
})

const roi = listed([], 'float32')
const scale = (pick: Picker): number => pick.choose([1, 2, 2, 3, 0.5, 1.5, 0.75])

/** How results and operands correspond, and what is between them. */
function interpolation(pick: Picker, opset: number): Attributes {
  const mode = pick.choose(['nearest', 'nearest', 'linear', 'linear', 'cubic'])
  const coordinates = pick.choose(['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel'])
  const rounding = { nearest_mode: pick.choose(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']) }
  const cubic = { ...(pick.chance(0.3) && { cubic_coeff_a: { float: -0.5 } }), ...(pick.chance(0.2) && { exclude_outside: 1 }) }
  const smooth = opset >= 18 && mode !== 'nearest' && coordinates === 'half_pixel' && pick.chance(0.2) && { antialias: 1 }
  return {
    mode,
    coordinate_transformation_mode: coordinates,
    ...(mode === 'nearest' && rounding),
    ...(mode === 'cubic' && cubic),
    ...smooth,
  }
}

/** What Resize is called in opset 9. */
const upsample = from(
  9,
  (pick) => {
    const x = runtime(pick, imageShape(pick))
    const scales = listed([1, 1, pick.choose([1, 2, 3]), pick.choose([1, 2, 4])], 'float32')
    return { operands: [x, scales], attrs: { mode: pick.choose(['nearest', 'linear']) }, float: true }
  },
  9,
)

/** By scales or sizes. */
const resize = from(10, (pick, opset) => {
  const [n, c, h, w] = imageShape(pick)
  const x = runtime(pick, [n, c, h, w])
  const [sh, sw] = [scale(pick), scale(pick)]
  const [height, width] = [Math.floor(h * sh), Math.floor(w * sw)].map((d) => Math.max(1, d)) as [number, number]
  const whole = h * sh >= 1 && w * sw >= 1
  const scales = listed(whole ? [1, 1, sh, sw] : [1, 1, 1, 1], 'float32')
  if (opset < 11) return { operands: [x, scales], attrs: { mode: pick.choose(['nearest', 'linear']) }, float: true }
  const attrs = interpolation(pick, opset)
  if (pick.chance(0.5)) return { operands: [x, roi, scales], attrs, float: true }
  if (opset >= 18 && pick.chance(0.3))
    return { operands: [x, null, null, listed([height, width])], attrs: { ...attrs, axes: [2, 3] }, float: true }
  return { operands: [x, roi, listed([], 'float32'), listed([n, c, height, width])], attrs, float: true }
})

export const spatial: Generators = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: from(9, pool(false)),
  AveragePool: from(9, pool(true)),
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  BatchNormalization: batchNormalization,
  Resize: resize,
  Upsample: upsample,
}
