/** What people call a layer. */

import type { Node, NodeOf, Value } from '../../ir/graph/graph.ts'

export type LayerKind = 'pointwise' | 'depthwise' | 'grouped' | 'convolution' | 'fully-connected' | 'pooling' | 'other'

/**
 * The kind of a layer. A 1×1 convolution is `fully-connected` where its input has been pooled to one position,
 * as in squeeze-and-excite and classifiers. Elsewhere it is `pointwise`.
 */
export function kindOf(node: Node): LayerKind {
  if (node.op === 'matmul') return 'fully-connected'
  if (node.op === 'reduce' || node.op === 'pool') return 'pooling'
  return node.op === 'conv' ? convolutionKind(node) : 'other'
}

function convolutionKind(node: NodeOf<'conv'>): LayerKind {
  const [outputs, kh, kw, depth] = weightShape(node)
  const { group } = node.attrs
  if (group > 1) return depth === 1 && outputs === group ? 'depthwise' : 'grouped'
  if (kh !== 1 || kw !== 1) return 'convolution'
  return isPooled(node.inputs[0]) ? 'fully-connected' : 'pointwise'
}

function weightShape(node: NodeOf<'conv'>): readonly [number, number, number, number] {
  return (node.inputs[1] as Value).type.shape as readonly [number, number, number, number]
}

/** Whether a value is computed from a pooled value and from nothing larger. Chains of any length are followed. */
function isPooled(value: Value | undefined): boolean {
  const pending = [value]
  const seen = new Set<Value>()
  let found = false
  for (let v = pending.pop(); v; v = pending.pop()) {
    if (v.kind === 'constant' || seen.has(v)) continue
    seen.add(v)
    if (v.kind === 'input') return false
    if (poolsAll(v.node)) found = true
    else if (v.node.op === 'conv' && !isOnePosition(v.node)) return false
    else pending.push(...v.node.inputs)
  }
  return found
}

/** Whether the node pools each image to one position. */
function poolsAll(node: Node): boolean {
  if (node.op === 'reduce') return node.attrs.axes.length > 0
  if (node.op !== 'pool') return false
  const [, h, w] = (node.outputs[0] as Value).type.shape
  return h === 1 && w === 1
}

/** A convolution from one position to one: it mixes channels only. */
function isOnePosition(node: NodeOf<'conv'>): boolean {
  const [, h, w] = (node.inputs[0] as Value).type.shape
  const [, kh, kw] = weightShape(node)
  return kh === 1 && kw === 1 && (h === 1 || w === 1)
}

/** `depthwise 3×3 /2, relu6`, `pointwise + residual`. */
export function titleOf(node: Node): string {
  if (node.op !== 'conv') return node.op === 'reduce' || node.op === 'pool' ? `${node.op} ${node.attrs.fn}` : node.op
  const [, kh, kw] = weightShape(node)
  const { strides, dilations, act } = node.attrs
  const kernel = kh === 1 && kw === 1 ? '' : ` ${kh}×${kw}`
  const stride = strides.every((s) => s === 1) ? '' : ` /${new Set(strides).size === 1 ? strides[0] : strides.join('×')}`
  const dilation = dilations.every((d) => d === 1) ? '' : ` dilated ${dilations.join('×')}`
  const residual = node.inputs.length > 3 ? ' + residual' : ''
  return `${kindOf(node)}${kernel}${stride}${dilation}${residual}${act ? `, ${formatActivation(act)}` : ''}`
}

function formatActivation({ op, ...rest }: NonNullable<NodeOf<'conv'>['attrs']['act']>): string {
  const bounds = Object.values(rest) as number[]
  if (op !== 'clamp') return op
  if (bounds[0] === 0 && bounds[1] === Number.POSITIVE_INFINITY) return 'relu'
  return bounds[0] === 0 && bounds[1] === 6 ? 'relu6' : `clamp(${bounds.join(',')})`
}
