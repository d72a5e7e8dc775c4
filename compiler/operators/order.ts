/** ArgMax, ArgMin and TopK. */

import type { Value } from '../../ir/graph/graph.ts'
import type { NodeImport } from './node-import.ts'
import { type ImportRule, type OperatorRules, since } from './operator.ts'

function arg(node: NodeImport, fn: 'max' | 'min'): Value {
  const x = node.input(0)
  const axis = node.axis(node.attrs.int('axis', 0), x.type.shape.length)
  const keepDims = node.attrs.flag('keepdims', true)
  const last = node.opset >= 12 && node.attrs.flag('select_last_index', false)
  return node.make('arg', [x], { fn, axis, keepDims, last })
}

function argRules(fn: 'max' | 'min'): readonly ImportRule[] {
  return [since(1, 1, (node) => arg(node, fn))]
}

/** TopK: values and indices. The results are always sorted, whatever the attribute `sorted` says. */
function topK(node: NodeImport, k: number): readonly (Value | null)[] {
  const x = node.input(0)
  const axis = node.axis(node.attrs.int('axis', -1), x.type.shape.length)
  const largest = node.opset < 11 || node.attrs.flag('largest', true)
  if (node.opset >= 11) node.attrs.inert('sorted')
  if (k < 0 || k > (x.type.shape[axis] as number))
    throw node.invalid(`k = ${k} of an extent of ${x.type.shape[axis]} must be from 0 to that`)
  return node.results('topk', [x], { axis, k, largest })
}

function topKInput(node: NodeImport): readonly (Value | null)[] {
  const [k = Number.NaN, ...more] = node.knownInts(node.input(1), 'k')
  if (Number.isNaN(k) || more.length > 0) throw node.invalid('k must have one element')
  return topK(node, k)
}

export const orderRules: OperatorRules = {
  ArgMax: argRules('max'),
  ArgMin: argRules('min'),
  TopK: [since(1, 1, (node) => topK(node, node.attrs.requiredInt('k')), 2), since(10, 2, topKInput, 2)],
}
