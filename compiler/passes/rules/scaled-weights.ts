/** Operands for convolutions that also scale and shift. They are computed in float64 and rounded once. */

import { type ConstantValue, constantValue, type NodeOf, type Value } from '../../../ir/graph/graph.ts'
import { fromNumbers } from '../../../ir/tensors/tensor.ts'
import { type DType, sizeOf } from '../../../ir/tensors/types.ts'
import type { Affine } from './affine.ts'

/** Operands with which the convolution gives scale · result + shift. Its weights and bias must be constant. */
export function scaledOutputs(conv: NodeOf<'conv'>, { scale, shift }: Affine): readonly Value[] {
  const [x, w, bias] = conv.inputs as readonly [Value, ConstantValue, ConstantValue]
  const perOutput = sizeOf(w.type.shape.slice(1))
  const ws = copied(w)
  const bs = copied(bias)
  for (let o = 0; o < bs.length; o++) {
    const s = scale[o % scale.length] as number
    for (let i = o * perOutput; i < (o + 1) * perOutput; i++) ws[i] = (ws[i] as number) * s
    bs[o] = (bs[o] as number) * s + (shift[o % shift.length] as number)
  }
  return [x, like(w, ws), like(bias, bs)]
}

/**
 * Operands with which the convolution also applies scale and shift to its input. Its weights and bias must be
 * constant. The shift must be zero where the convolution pads.
 */
export function scaledInputs(conv: NodeOf<'conv'>, { x, scale, shift }: Affine): readonly Value[] {
  const [, w, bias, ...residual] = conv.inputs as readonly [Value, ConstantValue, ConstantValue, ...Value[]]
  const depth = w.type.shape[3] as number
  const perOutput = sizeOf(w.type.shape.slice(1))
  const ws = copied(w)
  const bs = copied(bias)
  for (let o = 0; o < bs.length; o++) {
    const firstChannel = Math.floor((o * conv.attrs.group) / bs.length) * depth
    let sum = bs[o] as number
    for (let i = 0; i < perOutput; i++) {
      const channel = firstChannel + (i % depth)
      const weight = ws[o * perOutput + i] as number
      ws[o * perOutput + i] = weight * (scale[channel % scale.length] as number)
      sum += weight * (shift[channel % shift.length] as number)
    }
    bs[o] = sum
  }
  return [x, like(w, ws), like(bias, bs), ...residual]
}

/** Operands of a depthwise 1×1 convolution over `channels` that scales and shifts x. */
export function scaleShift({ x, scale, shift }: Affine, channels: number): readonly Value[] {
  const spread = (v: Float64Array): Float64Array => Float64Array.from({ length: channels }, (_, i) => v[i % v.length] as number)
  const { dtype } = x.type
  return [
    x,
    constantValue(fromNumbers({ dtype, shape: [channels, 1, 1, 1] }, spread(scale))),
    constantValue(fromNumbers({ dtype, shape: [channels] }, spread(shift))),
  ]
}

/** A scalar, or a vector along the last axis. */
export function vectorConstant(values: Float64Array, dtype: DType): Value {
  return constantValue(fromNumbers({ dtype, shape: values.length === 1 ? [] : [values.length] }, values))
}

/** Each element is computed in f64 and rounded when it is stored. */
function copied(constant: ConstantValue): Float32Array | Float64Array {
  return (constant.tensor.data as Float32Array | Float64Array).slice()
}

function like(constant: ConstantValue, data: Float32Array | Float64Array): Value {
  return constantValue({ type: constant.type, data }, constant.name)
}
