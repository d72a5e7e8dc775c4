/** Reduction finds the cause of a fault that is put in on purpose. */

import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { fromNumbers, numbers, type Tensor } from '../../ir/tensors/tensor.ts'
import { sizeOf } from '../../ir/tensors/types.ts'
import { type FuzzCase, modelOf } from './case.ts'
import { format } from './found.ts'
import { randomNetwork } from './graphs/index.ts'
import { judge } from './judge.ts'
import { seedOf } from './pick.ts'
import { reduce } from './reduce.ts'
import type { Executor } from './subject.ts'

/** The interpreter, whose result is off by one wherever the graph has a node of this operator. */
function faulty(op: string): Executor {
  return (c, inputs) => {
    const outputs = interpret(importModel(modelOf(c)), inputs)
    return { tensors: c.nodes.some((n) => n.op === op) ? outputs.map(shifted) : outputs }
  }
}

function shifted(t: Tensor): Tensor {
  return fromNumbers(
    t.type,
    Array.from(numbers(t), (x) => x + 1),
  )
}

/** The first random network with a Clip among many nodes. */
function networkWithClip(): FuzzCase {
  for (let i = 0; ; i++) {
    const c = randomNetwork(seedOf(7, i))
    if (c.nodes.length > 15 && c.nodes.some((n) => n.op === 'Clip')) return c
  }
}

describe('reduction', () => {
  it('of a wrong result leaves the one node that makes it', async () => {
    const c = networkWithClip()
    const verdict = await judge(c, faulty('Clip'))
    expect(verdict.kind).toBe('wrong')
    const small = await reduce(c, verdict, (candidate) => judge(candidate, faulty('Clip')))
    expect(small.case.nodes.map((n) => n.op)).toEqual(['Clip'])
    const tensors = [...Object.values(small.case.inputs), ...Object.values(small.case.constants)]
    expect(new Set(tensors.map((t) => sizeOf(t.shape)))).toEqual(new Set([1]))
    expect(format(small.case).split('\n').length).toBeLessThan(16)
  })

  it('of a crash keeps the message', async () => {
    const crashing: Executor = (c, inputs) => {
      if (c.nodes.some((n) => n.op === 'Conv' && n.attrs?.strides?.toString() === '2,2'))
        throw new RangeError(`offset ${inputs.length} is out of bounds`)
      return { tensors: interpret(importModel(modelOf(c)), inputs) }
    }
    let index = 0
    const strided = (c: FuzzCase): boolean => c.nodes.some((n) => n.op === 'Conv' && n.attrs?.strides?.toString() === '2,2')
    while (!strided(randomNetwork(seedOf(8, index)))) index++
    const c = randomNetwork(seedOf(8, index))
    const small = await reduce(c, await judge(c, crashing), (candidate) => judge(candidate, crashing))
    expect(small.verdict.detail).toMatch(/^RangeError: offset 1 is out of bounds/)
    expect(small.case.nodes.map((n) => n.op)).toEqual(['Conv'])
  })
})
