/** Reads windows, strides and pads of Conv and of the pools. */

import type { Value } from '../../ir/graph/graph.ts'
import { effectiveKernel, type Pads, type Pair } from '../../ir/ops/window.ts'
import type { NodeImport } from './node-import.ts'

export const TO_NHWC = [0, 2, 3, 1] as const
export const TO_NCHW = [0, 3, 1, 2] as const

export interface Geometry {
  readonly strides: Pair
  readonly dilations: Pair
  readonly pads: Pads
}

/** The number of spatial axes of x [N,C,…]; 1 and 2 are supported. */
export function spatialRank(node: NodeImport, x: Value): 1 | 2 {
  const rank = x.type.shape.length
  if (rank < 3) throw node.invalid(`input has rank ${rank}; its shape must be [N, C, spatial dimensions]`)
  if (rank > 4)
    throw node.unsupported(
      `rank ${rank}: only 1-D and 2-D spatial operators are supported`,
      'three-dimensional networks cannot be compiled',
    )
  return (rank - 2) as 1 | 2
}

/** Makes a rank-3 tensor [N,C,L] a plane [N,C,1,L]. A tensor of rank 4 stays as it is. */
export function toPlane(node: NodeImport, x: Value): Value {
  const { shape } = x.type
  return shape.length === 3 ? node.reshape(x, [shape[0] as number, shape[1] as number, 1, shape[2] as number]) : x
}

/** Brings a result in NHWC back to NCHW. With `spatial` = 1, it also drops the height that `toPlane` added. */
export function fromNhwc(node: NodeImport, y: Value, spatial: 1 | 2): Value {
  const result = node.transpose(y, TO_NCHW)
  const { shape } = result.type
  return spatial === 1 ? node.reshape(result, [shape[0] as number, shape[1] as number, shape[3] as number]) : result
}

/** Strides, dilations and pads for a kernel over `input` (height and width), with `auto_pad` resolved. */
export function readGeometry(node: NodeImport, input: Pair, kernel: Pair, spatial: 1 | 2, dilated = true): Geometry {
  const strides = pair(node, 'strides', spatial)
  const dilations: Pair = dilated ? pair(node, 'dilations', spatial) : [1, 1]
  if ([...strides, ...dilations].some((n) => n < 1))
    throw node.invalid(`strides [${strides}] and dilations [${dilations}] must be at least 1`)
  const explicit = readPads(node, spatial)
  const auto = node.attrs.string('auto_pad', 'NOTSET')
  if (auto === 'NOTSET') return { strides, dilations, pads: explicit }
  if (explicit.some((p) => p !== 0)) throw node.invalid(`pads [${explicit}] together with auto_pad = ${JSON.stringify(auto)}`)
  if (auto === 'VALID') return { strides, dilations, pads: [0, 0, 0, 0] }
  if (auto !== 'SAME_UPPER' && auto !== 'SAME_LOWER') throw node.invalid(`auto_pad = ${JSON.stringify(auto)} is unknown`)
  return { strides, dilations, pads: samePads(input, kernel, strides, dilations, auto === 'SAME_LOWER') }
}

/** `ints` of one element per spatial axis, as height and width. */
export function pair(node: NodeImport, name: string, spatial: 1 | 2): Pair {
  const values = node.attrs.ints(name) ?? new Array<number>(spatial).fill(1)
  if (values.length !== spatial) throw node.invalid(`${name} [${values}] must have ${spatial} elements`)
  return spatial === 1 ? [1, values[0] as number] : [values[0] as number, values[1] as number]
}

/**
 * The attribute `pads` of a window with one or two spatial axes, and zeros where it is absent. Throws
 * `Diagnostic` for another number of pads, and for negative ones.
 */
export function readPads(node: NodeImport, spatial: 1 | 2): Pads {
  const pads = node.attrs.ints('pads') ?? new Array<number>(2 * spatial).fill(0)
  if (pads.length !== 2 * spatial) throw node.invalid(`pads [${pads}] must have ${2 * spatial} elements`)
  node.checkExtents('pads', pads)
  if (pads.some((p) => p < 0)) throw node.unsupported(`negative pads [${pads}]`, 'use a Slice before the operator')
  const [a, b, c, d] = pads as [number, number, number, number]
  return spatial === 1 ? [0, a, 0, b] : [a, b, c, d]
}

/**
 * Pads with which the output has ceil(input / stride) positions. If their sum is odd, the larger pad is at the
 * end (SAME_UPPER) or at the start (SAME_LOWER).
 */
function samePads(input: Pair, kernel: Pair, strides: Pair, dilations: Pair, lower: boolean): Pads {
  const [top, left] = ([0, 1] as const).map((axis) => {
    const outputs = Math.ceil(input[axis] / strides[axis])
    const total = Math.max(0, (outputs - 1) * strides[axis] + effectiveKernel(kernel[axis], dilations[axis]) - input[axis])
    const small = Math.floor(total / 2)
    return lower ? ([total - small, small] as const) : ([small, total - small] as const)
  }) as [Pair, Pair]
  return [top[0], left[0], top[1], left[1]]
}
