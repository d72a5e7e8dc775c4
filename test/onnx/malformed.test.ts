import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { externalDataBeside } from '../../compiler/onnx/external.ts'
import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { fromNumbers, type Tensor } from '../../ir/tensors/tensor.ts'
import { sizeOf, type TensorType } from '../../ir/tensors/types.ts'
import { CASES, expectOutputs, expectRefusal, modelOf, pattern } from '../malformed-corpus.ts'

function patterned(type: TensorType): Tensor {
  return fromNumbers(
    type,
    Float64Array.from({ length: sizeOf(type.shape) }, (_, i) => pattern(i)),
  )
}

function attempt(path: string): { results: Map<string, Tensor> } | { message: string } {
  try {
    const graph = importModel(readFileSync(path), { externalData: externalDataBeside(path) })
    const outputs = interpret(
      graph,
      graph.inputs.map((v) => patterned(v.type)),
    )
    return { results: new Map(graph.outputs.map((o, i) => [o.name, outputs[i] as Tensor])) }
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Diagnostics) return { message: error.format() }
    throw error
  }
}

describe.skipIf(CASES.length === 0)('malformed and hostile models', () => {
  for (const c of CASES) {
    it(`${c.case}: ${c.expect}`, () => {
      const before = Reflect.ownKeys(Object.prototype).length
      const outcome = attempt(modelOf(c))
      if ('message' in outcome) expectRefusal(c, outcome.message)
      else {
        expect(c.expect).not.toBe('reject')
        expectOutputs(c, (name) => outcome.results.get(name))
      }
      expect(Reflect.ownKeys(Object.prototype).length).toBe(before)
    })
  }
})
