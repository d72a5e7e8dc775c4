import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { externalDataBeside } from '../../compiler/onnx/external.ts'
import { importModel } from '../../compiler/onnx/import.ts'
import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import { interpret } from '../../ir/interpret.ts'
import { fromNumbers, type Tensor } from '../../ir/tensor.ts'
import { sizeOf, type TensorType } from '../../ir/types.ts'
import { difference } from './conformance.ts'

const FOLDER = new URL('../../../shared/data/malformed/', import.meta.url).pathname
const present = existsSync(FOLDER)
if (!present) console.log('malformed models are not on this machine: skipped')

interface Case {
  readonly case: string
  readonly expect: 'reject' | 'accept' | 'either'
  readonly cause?: string
  readonly expected_output?: string
}

interface Expected {
  readonly input_shape: readonly number[]
  readonly outputs: Readonly<
    Record<string, { readonly type: TensorType['dtype']; readonly dims: readonly number[]; readonly data: readonly (number | string)[] }>
  >
}

const cases = present ? (JSON.parse(readFileSync(join(FOLDER, 'index.json'), 'utf8')) as { cases: Case[] }).cases : []

/** x[i] = ((i · 7919) mod 2003) / 1001.5 − 1 */
function pattern(type: TensorType): Tensor {
  return fromNumbers(
    type,
    Float64Array.from({ length: sizeOf(type.shape) }, (_, i) => ((i * 7919) % 2003) / 1001.5 - 1),
  )
}

function attempt(path: string): { results: Map<string, Tensor> } | { message: string } {
  try {
    const graph = importModel(readFileSync(path), { externalData: externalDataBeside(path) })
    const outputs = interpret(
      graph,
      graph.inputs.map((v) => pattern(v.type)),
    )
    return { results: new Map(graph.outputs.map((o, i) => [o.name, outputs[i] as Tensor])) }
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Diagnostics) return { message: error.format() }
    throw error
  }
}

function compare(results: ReadonlyMap<string, Tensor>, expected: Expected): void {
  for (const [name, { type, dims, data }] of Object.entries(expected.outputs)) {
    const want = fromNumbers({ dtype: type, shape: dims }, data.map(Number))
    expect(difference(results.get(name), want, { rtol: 1e-3, atol: 1e-5 }), `output ${name}`).toBeNull()
  }
}

describe.skipIf(!present)('malformed and hostile models', () => {
  for (const c of cases) {
    it(`${c.case}: ${c.expect}`, () => {
      const before = Reflect.ownKeys(Object.prototype).length
      const folder = join(FOLDER, 'cases', c.case)
      const outcome = attempt(join(folder, 'model.onnx'))
      if ('message' in outcome) {
        expect(c.expect, outcome.message).not.toBe('accept')
        expect(outcome.message).toMatch(new RegExp(c.cause ?? '.', 'i'))
        expect(outcome.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
      } else {
        expect(c.expect).not.toBe('reject')
        if (c.expected_output) compare(outcome.results, JSON.parse(readFileSync(join(folder, c.expected_output), 'utf8')) as Expected)
      }
      expect(Reflect.ownKeys(Object.prototype).length).toBe(before)
    })
  }
})
