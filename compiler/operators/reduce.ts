/** Reductions. */

import type { Value } from '../../ir/graph/graph.ts'
import type { Reduction } from '../../ir/ops/reduce.ts'
import { isFloat } from '../../ir/tensors/types.ts'
import type { NodeImport } from './node-import.ts'
import { type ImportRule, type OperatorRules, since } from './operator.ts'

/** How a reduction is made of IR operators: what comes before it, the reduction itself, and what comes after it. */
interface Recipe {
  readonly fn: Reduction
  readonly before?: (node: NodeImport, x: Value) => Value
  readonly after?: (node: NodeImport, y: Value) => Value
}

const square = (node: NodeImport, x: Value): Value => node.make('mul', [x, x], {})
const log = (node: NodeImport, y: Value): Value => node.make('log', [y], {})

function reduce(node: NodeImport, recipe: Recipe, axes: readonly number[] | null, emptyIsNone: boolean): Value {
  const x = node.input(0)
  if (!isFloat(x.type.dtype) && (recipe.fn === 'mean' || recipe.fn === 'l2' || recipe.after)) node.requireFloat(x)
  const rank = x.type.shape.length
  const keepDims = node.attrs.flag('keepdims', true)
  if (!axes?.length && emptyIsNone) {
    if (recipe.fn.startsWith('l') || recipe.before || recipe.after)
      throw node.unsupported('noop_with_empty_axes = 1 is not supported by this operator', 'give axes')
    return x
  }
  const chosen = axes?.length ? node.axes(axes, rank) : Array.from({ length: rank }, (_, i) => i)
  const prepared = recipe.before ? recipe.before(node, x) : x
  const result = node.make('reduce', [prepared], { fn: recipe.fn, axes: chosen, keepDims })
  return recipe.after ? recipe.after(node, result) : result
}

/** log Σ exp(x). x is shifted by its maximum where that is finite, so that nothing overflows. */
function reduceLogSumExp(node: NodeImport, axes: readonly number[] | null, emptyIsNone: boolean): Value {
  const x = node.input(0)
  node.requireFloat(x)
  const rank = x.type.shape.length
  const keepDims = node.attrs.flag('keepdims', true)
  if (!axes?.length && emptyIsNone) throw node.unsupported('noop_with_empty_axes = 1 is not supported by this operator', 'give axes')
  const chosen = axes?.length ? node.axes(axes, rank) : Array.from({ length: rank }, (_, i) => i)
  const { lowest, highest } = x.type.dtype === 'float16' ? { lowest: -65504, highest: 65504 } : { lowest: -3.4e38, highest: 3.4e38 }
  const largest = node.make('reduce', [x], { fn: 'max', axes: chosen, keepDims: true })
  const shift = node.make('clamp', [largest], { min: lowest, max: highest })
  const sum = node.make('reduce', [node.make('exp', [node.make('sub', [x, shift], {})], {})], { fn: 'sum', axes: chosen, keepDims: true })
  const result = node.make('add', [log(node, sum), shift], {})
  return keepDims
    ? result
    : node.reshape(
        result,
        x.type.shape.filter((_, i) => !chosen.includes(i)),
      )
}

/** The rules of a reduction. Axes are an attribute before opset `inputSince`, and an optional input from then on. */
function rules(recipe: Recipe | typeof reduceLogSumExp, inputSince = 18): readonly ImportRule[] {
  const compute = (node: NodeImport, axes: readonly number[] | null, emptyIsNone: boolean): Value =>
    typeof recipe === 'function' ? recipe(node, axes, emptyIsNone) : reduce(node, recipe, axes, emptyIsNone)
  const attribute = (node: NodeImport): Value => compute(node, node.attrs.ints('axes'), false)
  const input = (node: NodeImport): Value => {
    const axes = node.optional(1)
    return compute(node, axes && node.knownInts(axes, 'axes'), node.attrs.flag('noop_with_empty_axes', false))
  }
  return [since(1, 1, attribute), since(inputSince, [1, 2], input)]
}

export const reduceRules: OperatorRules = {
  ReduceMean: rules({ fn: 'mean' }),
  ReduceSum: rules({ fn: 'sum' }, 13),
  ReduceMax: rules({ fn: 'max' }),
  ReduceMin: rules({ fn: 'min' }),
  ReduceProd: rules({ fn: 'prod' }),
  ReduceL1: rules({ fn: 'l1' }),
  ReduceL2: rules({ fn: 'l2' }),
  ReduceSumSquare: rules({ fn: 'sum', before: square }),
  ReduceLogSum: rules({ fn: 'sum', after: log }),
  ReduceLogSumExp: rules(reduceLogSumExp),
}
