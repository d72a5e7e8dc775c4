/** Which elementwise nodes are computed together, and the expression that they are. */

import { InternalError } from '../../../ir/diagnostics.ts'
import { type Graph, type Node, resultOf, usesOf, type Value } from '../../../ir/graph/graph.ts'
import { statedFunction } from '../../../ir/ops/elementwise.ts'
import { apply, constant, type Expression, operand, partsOf } from '../../../ir/scalar/expression.ts'
import { exactNumbers, numbers } from '../../../ir/tensors/tensor.ts'
import { sizeOf } from '../../../ir/tensors/types.ts'
import { isSeries } from './series.ts'

export interface Region {
  /** The root first. */
  readonly nodes: readonly Node[]
  readonly expression: Expression
  /** The operands, by their index in the expression. Constants of one element are part of the expression instead. */
  readonly operands: readonly Value[]
}

/** The most nodes of a region. It keeps functions small and their operands in registers. */
const MOST_NODES = 48
const MOST_OPERANDS = 12

/**
 * The largest region that ends in `root`. It contains elementwise nodes with as many elements as the root, all
 * of whose readers are in the region too. A node with fewer elements stays outside, because it would be
 * computed again for every element of the root. The result is null where the root is not an elementwise node
 * that can be computed.
 */
export function regionOf(root: Node, graph: Graph): Region | null {
  if (!isComputable(root)) return null
  const nodes = new Set([root])
  for (let grown = true; grown; ) {
    grown = false
    for (const node of [...nodes]) {
      for (const v of node.inputs) {
        if (v.kind !== 'result' || nodes.has(v.node) || !joins(v, root, nodes, graph)) continue
        nodes.add(v.node)
        grown = true
      }
    }
  }
  return regionFrom([...nodes])
}

function joins(v: Value & { kind: 'result' }, root: Node, nodes: ReadonlySet<Node>, graph: Graph): boolean {
  if (v.type.dtype === 'float16' || sizeOf(v.type.shape) !== sizeOf(resultOf(root).type.shape)) return false
  if (!isComputable(v.node) || usesOf(graph, v).some(({ node }) => !node || !nodes.has(node))) return false
  return nodes.size < MOST_NODES && operandsOf([...nodes, v.node]).length <= MOST_OPERANDS
}

/** Whether a node can be computed. Series exist for float32 only, and float16 is only converted. */
function isComputable(node: Node): boolean {
  const stated = statedFunction(node.op)
  if (!stated || (node.op !== 'cast' && [...node.inputs, ...node.outputs].some((v) => v.type.dtype === 'float16'))) return false
  const expression = stated(
    node.inputs.map((v, i) => operand(i, v.type.dtype)),
    node.attrs,
  )
  return partsOf(expression).every((part) => part.kind !== 'apply' || !isSeries(part.fn) || part.type === 'float32')
}

/** What the nodes read from outside. */
function operandsOf(nodes: readonly Node[]): Value[] {
  const inside = new Set(nodes)
  const read = nodes.flatMap((node) => (isSquare(node) ? node.inputs.slice(0, 1) : node.inputs))
  return [...new Set(read)].filter((v) => (v.kind === 'result' ? !inside.has(v.node) : !isScalarConstant(v)))
}

function isScalarConstant(v: Value): boolean {
  return v.kind === 'constant' && sizeOf(v.type.shape) === 1
}

function regionFrom(nodes: readonly Node[]): Region {
  const operands = operandsOf(nodes)
  const done = new Map<Value, Expression>(operands.map((v, i) => [v, operand(i, v.type.dtype)]))
  const expressionOf = (v: Value): Expression => {
    const known = done.get(v)
    if (known) return known
    const made = v.kind === 'result' ? nodeExpression(v.node, v.node.inputs.map(expressionOf)) : constantExpression(v)
    done.set(v, made)
    return made
  }
  return { nodes, operands, expression: expressionOf(resultOf(nodes[0] as Node)) }
}

function constantExpression(v: Value): Expression {
  if (v.kind !== 'constant') throw new InternalError(`${v.name} is no constant`)
  return constant(exactNumbers(v.tensor)[0] as number | bigint, v.type.dtype)
}

function nodeExpression(node: Node, args: readonly Expression[]): Expression {
  const [x] = args as [Expression]
  return isSquare(node) ? apply('mul', x, x) : (statedFunction(node.op) as NonNullable<ReturnType<typeof statedFunction>>)(args, node.attrs)
}

/** x to the power of the constant 2, which is x·x. */
function isSquare({ op, inputs: [, exponent] }: Node): boolean {
  return op === 'pow' && exponent?.kind === 'constant' && Array.from(numbers(exponent.tensor)).every((e) => e === 2)
}
