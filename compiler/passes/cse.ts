import type { ConstantValue, Node, Value } from '../../ir/graph/graph.ts'
import { opDef } from '../../ir/ops/index.ts'
import { bytesOf } from '../../ir/tensors/tensor.ts'
import { sameType } from '../../ir/tensors/types.ts'
import type { Pass } from '../rewriting/pass.ts'
import { rebuild, transform } from '../rewriting/rewrite.ts'

/**
 * Merges nodes with the same operator, attributes and operands into one node. Merges constants with equal bytes
 * and the same type into one constant.
 */
export const cse: Pass = {
  name: 'cse',
  run(graph) {
    const numberOf = numbering()
    const constants = new Map<number, ConstantValue[]>()
    const nodes = new Map<string, readonly Value[]>()
    const build = (node: Node, inputs: readonly Value[]): readonly Value[] => {
      const key = `${node.op} ${attributeKey(node.attrs)} ${operandKey(node, inputs, numberOf)}`
      const results = nodes.get(key) ?? rebuild(node, inputs)
      nodes.set(key, results)
      return results
    }
    return transform(graph, build, (v) => (v.kind === 'constant' ? uniqueConstant(v, constants) : v))
  },
}

function numbering(): (value: Value) => number {
  const known = new Map<Value, number>()
  return (value) => {
    const number = known.get(value) ?? known.size
    known.set(value, number)
    return number
  }
}

function operandKey(node: Node, inputs: readonly Value[], numberOf: (v: Value) => number): string {
  const operands = inputs.map(numberOf)
  return (opDef(node.op).traits.commutative ? operands.sort((a, b) => a - b) : operands).join(' ')
}

/** The text of an attribute, for comparison. Unlike in JSON, infinities, NaN and −0 all have different texts. */
function attributeKey(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(attributeKey)}]`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, v]) => v !== undefined)
  return `{${entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${k}:${attributeKey(v)}`)}}`
}

function uniqueConstant(value: ConstantValue, known: Map<number, ConstantValue[]>): ConstantValue {
  const bytes = bytesOf(value.tensor)
  const key = hash(bytes)
  const bucket = known.get(key) ?? []
  known.set(key, bucket)
  const equal = bucket.find((other) => sameType(other.type, value.type) && sameBytes(bytesOf(other.tensor), bytes))
  if (!equal) bucket.push(value)
  return equal ?? value
}

/** FNV-1a, over words of four bytes where the data is aligned to them, and otherwise over bytes. */
function hash(bytes: Uint8Array): number {
  const words = bytes.byteOffset % 4 === 0 && bytes.length % 4 === 0
  const elements = words ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) : bytes
  let h = 0x811c9dc5
  for (let i = 0; i < elements.length; i++) h = Math.imul(h ^ (elements[i] as number), 0x01000193)
  return h >>> 0
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return a.length === b.length
}
