import { type NodeOf, producer, type Value } from '../../ir/graph/graph.ts'
import { any, op } from '../../ir/graph/pattern.ts'
import type { PoolAttrs } from '../../ir/ops/pool.ts'
import { axisGroups } from '../../ir/tensors/axes.ts'
import { isFloat, type Shape } from '../../ir/tensors/types.ts'
import type { Pass } from '../rewriting/pass.ts'
import type { Rule } from '../rewriting/rewrite.ts'

const globalPool: Rule = {
  name: 'a pool over the whole image is a reduction',
  pattern: op('pool', [any().as('x')], (n) => coversImage((n.inputs[0] as Value).type.shape, n.attrs)).as('pool'),
  replace({ get, make }) {
    const pool = producer(get('pool'), 'pool')
    return pool && make('reduce', [get('x')], { fn: pool.attrs.fn, axes: [1, 2], keepDims: true })
  },
}

/** Whether the pool has one window that covers the whole image, and no padding that counts. */
function coversImage([, h, w]: Shape, attrs: PoolAttrs): boolean {
  if (attrs.countPads && attrs.pads.some((p) => p !== 0)) return false
  return [h as number, w as number].every((extent, axis) => {
    const reach = (attrs.kernel[axis] as number) - (attrs.pads[axis] as number)
    const dense = attrs.dilations[axis] === 1 || attrs.kernel[axis] === 1
    const span = extent + (attrs.pads[axis] as number) + (attrs.pads[axis + 2] as number) - (attrs.kernel[axis] as number)
    return dense && reach >= extent && span < (attrs.strides[axis] as number) && (!attrs.ceil || span <= 0)
  })
}

const keepDims: Rule = {
  name: 'a reduction keeps its axes, and a reshape drops them',
  pattern: op('reduce', [any().as('x')], (n) => !n.attrs.keepDims && n.attrs.axes.length > 0),
  replace({ get, make, node, root }) {
    const reduce = node as NodeOf<'reduce'>
    return make('reshape', [make('reduce', [get('x')], { ...reduce.attrs, keepDims: true })], { shape: root.type.shape })
  },
}

/**
 * Moves a reduction in front of a reshape. A transpose above the reshape stays, because the reshape needs the
 * order that it makes.
 */
const throughReshape: Rule = {
  name: 'reduce before the reshape',
  pattern: op('reduce', [
    op('reshape', [
      any()
        .where((v) => !producer(v, 'transpose'))
        .as('x'),
    ]).as('view'),
  ]),
  replace({ get, make, node, root }) {
    const reduce = node as NodeOf<'reduce'>
    const axes = axesBefore(get('x').type.shape, get('view').type.shape, reduce.attrs.axes)
    if (!axes) return null
    return make('reshape', [make('reduce', [get('x')], { ...reduce.attrs, axes, keepDims: true })], { shape: root.type.shape })
  },
}

/**
 * The axes of `from` that the reshape turns into `axes` of `to`; null where they do not correspond to these
 * axes alone.
 */
function axesBefore(from: Shape, to: Shape, axes: readonly number[]): number[] | null {
  const groups = axisGroups(from, to)
  if (!groups) return null
  const touched = groups.filter((group) => group.to.some((axis) => axes.includes(axis)))
  if (!touched.every((group) => group.to.every((axis) => axes.includes(axis)))) return null
  return touched.flatMap((group) => group.from)
}

/** Merges a reduction over some axes with a reduction over others into one over all of them. */
const mergeReductions: Rule = {
  name: 'merge reductions',
  pattern: op('reduce', [
    op('reduce', [any().as('x')], (n) => n.attrs.keepDims)
      .once()
      .as('inner'),
  ]),
  replace({ get, make, node, root }) {
    const outer = node as NodeOf<'reduce'>
    const inner = producer(get('inner'), 'reduce')
    if (!inner || !isFloat(root.type.dtype) || inner.attrs.fn !== outer.attrs.fn) return null
    if (inner.attrs.axes.some((axis) => outer.attrs.axes.includes(axis))) return null
    return make('reduce', [get('x')], { ...outer.attrs, axes: [...inner.attrs.axes, ...outer.attrs.axes].sort((a, b) => a - b) })
  },
}

/** Makes global pooling one reduction over the spatial axes, which stay as axes of extent 1. */
export const canonicalisePooling: Pass = {
  name: 'canonicalise-pooling',
  rules: [globalPool, keepDims, throughReshape, mergeReductions],
}
