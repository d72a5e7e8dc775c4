/** Random single operators, and what often stands around them. */

import type { DType } from '../../../ir/tensors/types.ts'
import type { FuzzCase, FuzzNode, TensorSpec } from '../case.ts'
import { compilation } from '../graphs/index.ts'
import { type Picker, picking } from '../pick.ts'
import type { Draft, Generator, Generators } from './draft.ts'
import { elementwise } from './elementwise.ts'
import { movement } from './movement.ts'
import { reductions } from './reductions.ts'
import { spatial } from './spatial.ts'

export const GENERATORS: Generators = { ...elementwise, ...movement, ...spatial, ...reductions }

const NAMES = Object.keys(GENERATORS)
/** These have the most forms. */
const OFTEN = ['Conv', 'Conv', 'Conv', 'Gemm', 'MatMul', 'MaxPool', 'AveragePool', 'Slice', 'Pad', 'Resize', 'Transpose', 'Add', 'Mul']

/** What neighbouring cases have in common, so that they can be compiled together. */
export type Compilation = Pick<FuzzCase, 'opset' | 'target' | 'plain' | 'prices'>

export function randomCompilation(seed: number): Compilation {
  const pick = picking(seed)
  return { opset: pick.chance(0.03) ? 24 : pick.between(9, 21), ...compilation(pick) }
}

export function randomOperator(seed: number, compiled = randomCompilation(~seed)): FuzzCase {
  const pick = picking(seed)
  const known = (pick.chance(0.75) ? NAMES : OFTEN).filter((op) => has(GENERATORS[op] as Generator, compiled.opset))
  const op = pick.choose(known)
  return { ...assembled(pick, op, (GENERATORS[op] as Generator).draft(pick, compiled.opset)), ...compiled }
}

function has({ since, until }: Generator, opset: number): boolean {
  return since <= opset && opset <= until
}

type OperatorCase = Omit<FuzzCase, keyof Compilation>

function assembled(pick: Picker, op: string, draft: Draft): OperatorCase {
  const inputs: Record<string, TensorSpec> = {}
  const constants: Record<string, TensorSpec> = {}
  const special = op in elementwise && pick.chance(0.06)
  const names = draft.operands.map((operand, i) => {
    if (!operand) return ''
    const { constant, ...spec } = operand
    const surprising = special && !constant && spec.dtype === 'float32'
    ;(constant ? constants : inputs)[`x${i}`] = surprising ? { ...spec, fill: SPECIAL } : spec
    return `x${i}`
  })
  const outputs = Array.from({ length: draft.outputs ?? 1 }, (_, i) => `y${i}`)
  const attrs = Object.fromEntries(Object.entries(draft.attrs ?? {}).filter(([, value]) => value !== undefined)) as FuzzNode['attrs']
  const node: FuzzNode = { op, in: withoutTrailing(names), out: outputs, ...(draft.attrs && { attrs }) }
  const chained = draft.float && !special && pick.chance(0.35) ? surroundings(pick, node, inputs, constants) : { nodes: [node], outputs }
  return { inputs, constants, ...chained, ...(special && { special }) }
}

const SPECIAL = ['NaN', 'Infinity', '-Infinity', '-0', 0, 1e-40, -1e-45, 3e38, -3e38, 1, -1, 0.5, 88.8, -104, 2.5, 16777216]

function withoutTrailing(names: readonly string[]): string[] {
  return names.slice(0, names.findLastIndex((name) => name !== '') + 1)
}

/** What passes fuse, move or cancel around the node: before its first operand, and behind its result. */
function surroundings(
  pick: Picker,
  node: FuzzNode,
  inputs: Readonly<Record<string, TensorSpec>>,
  constants: Record<string, TensorSpec>,
): { nodes: FuzzNode[]; outputs: string[] } {
  const nodes: FuzzNode[] = []
  const scalar = (value: number): string => {
    const name = `k${Object.keys(constants).length}`
    constants[name] = { dtype: 'float32' satisfies DType, shape: [], fill: [value] }
    return name
  }
  const around: readonly ((x: string, y: string) => FuzzNode)[] = [
    (x, y) => ({ op: 'Relu', in: [x], out: [y] }),
    (x, y) => ({ op: 'Transpose', in: [x], out: [y] }),
    (x, y) => ({ op: 'Mul', in: [x, scalar(pick.choose([0.5, -1, 2, 1]))], out: [y] }),
    (x, y) => ({ op: 'Add', in: [scalar(pick.choose([0, 1, -3])), x], out: [y] }),
    (x, y) => ({ op: 'Neg', in: [x], out: [y] }),
    (x, y) => ({ op: 'Identity', in: [x], out: [y] }),
    (x, y) => ({ op: 'Sigmoid', in: [x], out: [y] }),
    (x, y) => ({ op: 'Mul', in: [x, x], out: [y] }),
  ]
  const kept = around.filter((_, i) => i !== 1)
  let first = node.in[0] as string
  const safe =
    inputs[first]?.dtype === 'float32' && node.op !== 'Pow' && node.op !== 'Log' && node.op !== 'Sqrt' && node.op !== 'ReduceLogSum'
  if (safe && pick.chance(0.5)) {
    nodes.push(pick.choose(kept)(first, 'before'))
    first = 'before'
  }
  nodes.push({ ...node, in: [first, ...node.in.slice(1)] })
  let last = node.out[0] as string
  for (let i = pick.between(0, 2); i >= 0; i--) {
    nodes.push(pick.choose(around)(last, `z${i}`))
    last = `z${i}`
  }
  return { nodes, outputs: pick.chance(0.1) ? [last, node.out[0] as string] : [last] }
}
