import { producer, type Value } from '../../ir/graph/graph.ts'
import { any, constant, elementwise, op, scalarOf } from '../../ir/graph/pattern.ts'
import { numbers } from '../../ir/tensors/tensor.ts'
import { isFloat, sameShape, sizeOf } from '../../ir/tensors/types.ts'
import type { Pass } from '../rewriting/pass.ts'
import type { Rule } from '../rewriting/rewrite.ts'
import { clampOfClamp } from './rules/clamp-of-clamp.ts'
import { sinkReshapes } from './rules/sink-reshapes.ts'

/** A constant of one element becomes a scalar. The scalar never makes the rank of a result larger. */
const scalarConstants: Rule = {
  name: 'scalar constants have rank 0',
  pattern: elementwise(2).where((v) => v.kind === 'result' && v.node.inputs.some(isUnitConstant)),
  replace({ node, make, root }) {
    const at = node.inputs.findIndex(isUnitConstant)
    const scalar = make('reshape', [node.inputs[at] as Value], { shape: [] })
    const computed = make(node.op, node.inputs.with(at, scalar), node.attrs)
    return sameShape(computed.type.shape, root.type.shape) ? computed : make('reshape', [computed], { shape: root.type.shape })
  },
}

function isUnitConstant(v: Value): boolean {
  return v.kind === 'constant' && v.type.shape.length > 0 && sizeOf(v.type.shape) === 1
}

const clampFromMax = clampFrom('max', (min) => ({ min, max: Number.POSITIVE_INFINITY }))
const clampFromMin = clampFrom('min', (max) => ({ min: Number.NEGATIVE_INFINITY, max }))

function clampFrom(name: 'min' | 'max', bounds: (x: number) => { readonly min: number; readonly max: number }): Rule {
  return {
    name: `${name} with a scalar is a clamp`,
    pattern: op(name, [any().as('x'), constant().as('c')]),
    replace({ get, make, root }) {
      const bound = scalarOf(get('c'))
      const fits = bound !== null && isFloat(root.type.dtype) && sameShape(get('x').type.shape, root.type.shape)
      return fits && !Number.isNaN(bound) ? make('clamp', [get('x')], bounds(bound)) : null
    },
  }
}

const mergeClamps: Rule = {
  name: 'merge clamps',
  pattern: op('clamp', [op('clamp', [any().as('x')]).as('inner')]).as('outer'),
  replace({ get, make }) {
    const outer = producer(get('outer'), 'clamp')
    const inner = producer(get('inner'), 'clamp')
    return outer && inner && make('clamp', [get('x')], clampOfClamp(outer.attrs, inner.attrs))
  },
}

const leakyRelu: Rule = {
  name: 'prelu with one slope is leaky-relu',
  pattern: op('prelu', [any().as('x'), constant().as('slope')]),
  replace({ get, make, root }) {
    const slope = get('slope')
    const slopes = slope.kind === 'constant' ? numbers(slope.tensor) : []
    const alpha = slopes[0]
    if (alpha === undefined || !isFloat(root.type.dtype) || !sameShape(get('x').type.shape, root.type.shape)) return null
    for (let i = 1; i < slopes.length; i++) if (slopes[i] !== alpha) return null
    return make('leaky-relu', [get('x')], { alpha })
  },
}

const relu: Rule = {
  name: 'leaky-relu of slope 0 is relu',
  pattern: op('leaky-relu', [any().as('x')], (n) => n.attrs.alpha === 0),
  replace: ({ get, make }) => make('clamp', [get('x')], { min: 0, max: Number.POSITIVE_INFINITY }),
}

/**
 * Gives scalar constants rank 0. Makes one clamp or one leaky-relu of ReLU and its relatives, however the model
 * spells them.
 */
export const canonicaliseClamps: Pass = {
  name: 'canonicalise-clamps',
  rules: [scalarConstants, ...sinkReshapes, clampFromMax, clampFromMin, mergeClamps, leakyRelu, relu],
}
