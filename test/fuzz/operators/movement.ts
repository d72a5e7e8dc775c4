/** Operators that move elements, and those that make tensors from shapes. */

import type { DType } from '../../../ir/tensors/types.ts'
import type { FuzzAttr } from '../case.ts'
import type { Picker } from '../pick.ts'
import {
  anyAxes,
  anyAxis,
  anyExtent,
  anyShape,
  broadcastable,
  either,
  from,
  type Generators,
  imageShape,
  listed,
  MOVED,
  runtime,
} from './draft.ts'

const anyType = (pick: Picker): DType => pick.choose(MOVED)

const transpose = from(9, (pick) => {
  const shape = anyShape(pick, 1)
  const perm = pick.shuffled([...shape.keys()])
  return { operands: [runtime(pick, shape, anyType(pick))], attrs: pick.chance(0.85) ? { perm } : {} }
})

const concat = from(9, (pick) => {
  const shape = anyShape(pick, 1)
  const axis = anyAxis(pick, shape.length)
  const dtype = anyType(pick)
  const part = (i: number) => either(pick, i === 0 ? 0 : 0.25, shape.with(axis, anyExtent(pick)), dtype)
  return { operands: Array.from({ length: pick.between(1, 4) }, (_, i) => part(i)), attrs: { axis } }
})

const split = from(9, (pick, opset) => {
  const shape = anyShape(pick, 1)
  const axis = anyAxis(pick, shape.length)
  const parts = Array.from({ length: pick.between(1, 4) }, () => pick.between(pick.chance(0.05) ? 0 : 1, 4))
  const even = pick.chance(0.4)
  const sizes = even ? parts.map(() => parts[0] as number) : parts
  const x = runtime(
    pick,
    shape.with(
      axis,
      sizes.reduce((a, b) => a + b, 0),
    ),
    anyType(pick),
  )
  const attrs: Record<string, FuzzAttr> = axis === 0 && pick.chance(0.5) ? {} : { axis }
  const outputs = sizes.length
  if (even && pick.chance(0.7)) return { operands: [x], attrs: opset >= 18 ? { ...attrs, num_outputs: outputs } : attrs, outputs }
  if (opset < 13) return { operands: [x], attrs: { ...attrs, split: sizes }, outputs }
  return { operands: [x, listed(sizes)], attrs, outputs }
})

const slice = from(9, (pick, opset) => {
  const shape = anyShape(pick, 1)
  const axes = anyAxes(pick, shape.length)
  const chosen = axes.length > 0 ? axes : [0]
  const extents = chosen.map((a) => shape.at(a) as number)
  const backwards = chosen.map(() => opset >= 10 && pick.chance(0.2))
  const steps = chosen.map((_, i) => (backwards[i] ? -1 : 1) * (opset >= 10 ? pick.choose([1, 1, 1, 2, 3]) : 1))
  const positions = (late: boolean) => extents.map((d, i) => position(pick, d, late !== (backwards[i] as boolean)))
  const [starts, ends] = [positions(false), positions(true)]
  const x = runtime(pick, shape, anyType(pick))
  if (opset < 10) return { operands: [x], attrs: { starts, ends, axes: chosen } }
  const dtype = pick.choose<DType>(['int64', 'int32'])
  const more = pick.choose([[listed(chosen, dtype), listed(steps, dtype)], [listed(chosen, dtype)]])
  const forward = more.length === 2 || backwards.every((b) => !b)
  return { operands: [x, listed(starts, dtype), listed(ends, dtype), ...(forward ? more : [listed(chosen, dtype), listed(steps, dtype)])] }
})

/** Inside or outside of an axis, counted from either end. */
function position(pick: Picker, extent: number, late: boolean): number {
  if (pick.chance(0.1)) return late ? 2 ** 31 - 1 : -(2 ** 31) + 1
  const at = late ? pick.between(extent >> 1, extent + 1) : pick.between(0, extent >> 1)
  return pick.chance(0.3) ? at - extent : at
}

const gather = from(9, (pick, opset) => {
  const shape = anyShape(pick, 1).map((d) => Math.max(1, d))
  const axis = anyAxis(pick, shape.length)
  const extent = shape.at(axis) as number
  const low = opset >= 11 ? -extent : 0
  const indices = {
    ...either(pick, 0.7, anyShape(pick, 0, 2), pick.choose<DType>(['int64', 'int32'])),
    fill: { seed: pick.seed(), low, high: extent - 1 },
  }
  return { operands: [runtime(pick, shape, anyType(pick)), indices], attrs: { axis } }
})

const pad = from(9, (pick, opset) => {
  const mode = pick.choose(['constant', 'constant', 'edge', 'reflect', ...(opset >= 19 ? ['wrap'] : [])])
  const shape = anyShape(pick, 1, 4).map((d) => Math.max(d, mode === 'constant' ? 0 : 2))
  const reach = (d: number): number => pick.between(0, Math.min(3, mode === 'reflect' ? d - 1 : mode === 'wrap' ? d : 3))
  const negative = mode === 'constant' && pick.chance(0.1)
  const side = (d: number): number => (negative && d > 2 && pick.chance(0.3) ? -1 : reach(d))
  const dtype = opset >= 13 && pick.chance(0.15) ? pick.choose<DType>(['int32', 'int64']) : 'float32'
  const x = runtime(pick, shape, dtype)
  const value = pick.choose([0, 0, 1, -2])
  const explicit = pick.chance(0.7) ? { mode } : mode === 'constant' ? {} : { mode }
  if (opset < 11)
    return { operands: [x], attrs: { ...explicit, pads: [...shape, ...shape].map(side), ...(value !== 0 && { value: { float: value } }) } }
  const axes = opset >= 18 && pick.chance(0.4) ? anyAxes(pick, shape.length) : []
  const padded = axes.length > 0 ? axes.map((a) => shape.at(a) as number) : shape
  const pads = listed([...padded, ...padded].map(side))
  const fill = pick.chance(0.5) && mode === 'constant' ? listed([value], dtype, []) : null
  return { operands: [x, pads, fill, ...(axes.length > 0 ? [listed(axes)] : [])], attrs: explicit }
})

const reshape = from(9, (pick, opset) => {
  const x = runtime(
    pick,
    anyShape(pick).map((d) => Math.max(1, d)),
    anyType(pick),
  )
  const factors = x.shape.flatMap(primesOf)
  const shape = Array.from({ length: pick.between(factors.length === 0 ? 0 : 1, 5) }, () => 1)
  for (const p of factors) {
    const i = pick.between(0, shape.length - 1)
    shape[i] = (shape[i] as number) * p
  }
  const open = pick.chance(0.4) && shape.length > 0 ? pick.between(0, shape.length - 1) : -1
  const asked = shape.map((d, i) => (i === open ? -1 : d === x.shape[i] && pick.chance(0.3) ? 0 : d))
  return { operands: [x, listed(asked)], attrs: opset >= 14 && !asked.includes(0) && pick.chance(0.2) ? { allowzero: 1 } : {} }
})

function primesOf(n: number): number[] {
  for (let p = 2; p <= n; p++) if (n % p === 0) return [p, ...primesOf(n / p)]
  return []
}

const flatten = from(9, (pick) => {
  const shape = anyShape(pick, 1)
  return { operands: [runtime(pick, shape, anyType(pick))], attrs: pick.chance(0.7) ? { axis: pick.between(0, shape.length) } : {} }
})

const squeeze = from(9, (pick, opset) => {
  const shape = anyShape(pick, 1).map((d) => (pick.chance(0.5) ? 1 : d))
  const single = pick
    .some(
      [...shape.keys()].filter((i) => shape[i] === 1),
      0.6,
    )
    .map((a) => (opset >= 11 && pick.chance(0.3) ? a - shape.length : a))
  const x = runtime(pick, shape, anyType(pick))
  if (single.length === 0) return { operands: [x] }
  return opset < 13 ? { operands: [x], attrs: { axes: single } } : { operands: [x, listed(single)] }
})

const unsqueeze = from(9, (pick, opset) => {
  const shape = anyShape(pick, 0, 3)
  const rank = shape.length + pick.between(1, 3)
  const axes = pick.shuffled([...Array(rank).keys()]).slice(0, rank - shape.length)
  const signed = axes.map((a) => (opset >= 11 && pick.chance(0.3) ? a - rank : a))
  const x = runtime(pick, shape, anyType(pick))
  return opset < 13 ? { operands: [x], attrs: { axes: signed } } : { operands: [x, listed(signed)] }
})

const expand = from(9, (pick) => {
  const shape = anyShape(pick)
  const asked = pick.chance(0.3) ? broadcastable(pick, shape) : shape
  return { operands: [runtime(pick, broadcastable(pick, shape), anyType(pick)), listed(asked)] }
})

const tile = from(9, (pick) => {
  const shape = anyShape(pick, 1, 4)
  return { operands: [runtime(pick, shape, anyType(pick)), listed(shape.map(() => pick.choose([1, 1, 2, 3])))] }
})

const depthToSpace = from(9, (pick, opset) => {
  const block = pick.choose([1, 2, 2, 3])
  const [n, c, h, w] = imageShape(pick)
  const mode = opset >= 11 && pick.chance(0.7) ? { mode: pick.choose(['DCR', 'CRD']) } : {}
  return { operands: [runtime(pick, [n, c * block * block, h, w])], attrs: { blocksize: block, ...mode } }
})

const spaceToDepth = from(9, (pick) => {
  const block = pick.choose([1, 2, 2, 3])
  const [n, c, h, w] = imageShape(pick)
  return { operands: [runtime(pick, [n, c, h * block, w * block])], attrs: { blocksize: block } }
})

const shape = from(9, (pick, opset) => {
  const x = runtime(pick, anyShape(pick), anyType(pick))
  const attrs: Record<string, FuzzAttr> =
    opset >= 15 ? Object.fromEntries(pick.some(['start', 'end'], 0.5).map((k) => [k, pick.between(-4, 4)])) : {}
  return { operands: [x], attrs }
})

const size = from(9, (pick) => ({ operands: [runtime(pick, anyShape(pick), anyType(pick))] }))

const constantOfShape = from(9, (pick) => {
  const dtype = pick.choose<DType>(['float32', 'int64', 'int32', 'uint8', 'bool'])
  const value = { tensor: { dtype, shape: [1], fill: [1] } }
  return { operands: [listed(anyShape(pick))], attrs: pick.chance(0.7) ? { value } : {} }
})

const range = from(11, (pick) => {
  const dtype = pick.choose<DType>(['int64', 'int32', 'float32'])
  const [start, count] = [pick.between(-5, 5), pick.between(0, 20)]
  const delta = pick.choose([1, 1, 2, -1, -3])
  return { operands: [start, start + count * delta, delta].map((v) => listed([v], dtype, [])) }
})

const gatherElements = from(11, (pick) => {
  const shape = anyShape(pick, 1, 4).map((d) => Math.max(1, d))
  const axis = anyAxis(pick, shape.length)
  const extent = shape.at(axis) as number
  const fill = { seed: pick.seed(), low: -extent, high: extent - 1 }
  const indices = shape.with(axis, pick.between(1, 5)).map((d, i, all) => (i === (axis + all.length) % all.length ? d : pick.between(1, d)))
  return { operands: [runtime(pick, shape), { ...either(pick, 0.6, indices, 'int64'), fill }], attrs: { axis } }
})

export const movement: Generators = {
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherElements: gatherElements,
  Pad: pad,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  Tile: tile,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Shape: shape,
  Size: size,
  ConstantOfShape: constantOfShape,
  Range: range,
}
