/** Nodes with several results, compiled: whichever are read, kept, or left, the others must be right. */

import { describe, expect, it } from 'vitest'
import { compileAndRun } from '../../compiler/checking/bisect.ts'
import { seededInputs } from '../../compiler/running/seeded.ts'
import { apply, type Graph, inputValue, makeNode, type Value } from '../../ir/graph/graph.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { bytesOf, float32 } from '../../ir/tensors/tensor.ts'
import { targetNamed } from '../../targets/target/target.ts'

const x = inputValue('x', { dtype: 'float32', shape: [6, 9] })
const top = makeNode('topk', [x], { axis: 1, k: 4, largest: true }, { names: ['v', 'i'], origins: ['TopK'] })
const [values, indices] = top.outputs as readonly [Value, Value]
const [where, count] = makeNode('nonzero', [x], {}, { names: ['p', 'n'] }).outputs as readonly [Value, Value]
const relu = (v: Value): Value => apply('clamp', [v], { min: 0, max: Number.POSITIVE_INFINITY })

const CASES: readonly [string, readonly Value[]][] = [
  ['the first', [values]],
  ['the second', [indices]],
  ['both', [values, indices]],
  ['both, the second first and twice', [indices, values, indices]],
  ['one that is read, and may be overwritten', [relu(values)]],
  ['one that is read and kept, and one that is read', [relu(values), values, apply('cast', [indices], { to: 'float32' })]],
  ['both, read together', [apply('add', [values, apply('cast', [indices], { to: 'float32' })], {})]],
  ['one, of chains before and after', [relu(makeNode('topk', [relu(x)], { axis: 0, k: 2, largest: false }).outputs[0])]],
  ['a bounded one and its count', [where, count]],
  ['a count alone', [count]],
]

describe.each([targetNamed('scalar'), targetNamed('simd128')])('outputs for $name', (target) => {
  it.each(CASES)('%s', (_, outputs) => {
    const graph: Graph = { name: 'net', inputs: [x], outputs: outputs.map((value, i) => ({ name: `y${i}`, value })) }
    for (const inputs of [seededInputs(graph), [float32([6, 9], new Array(54).fill(0))]]) {
      const want = interpret(graph, inputs)
      const got = compileAndRun(graph, target, inputs)
      expect(got.map((t) => bytesOf(t))).toEqual(want.map((t) => bytesOf(t)))
    }
  })
})
