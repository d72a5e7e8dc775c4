import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { externalDataBeside } from '../../compiler/onnx/external.ts'
import { widenFloat16 } from '../../compiler/passes/widen-float16.ts'
import { runPasses } from '../../compiler/rewriting/pass.ts'
import { Diagnostic, Diagnostics } from '../../ir/diagnostics.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { ALWAYS, verify } from '../../ir/graph/verify.ts'
import { fromNumbers, numbers } from '../../ir/tensors/tensor.ts'
import { sample } from '../run/short-form.ts'
import { sharedData } from '../shared-data.ts'
import { difference } from './conformance.ts'
import { readNpy } from './npy.ts'

const root = sharedData('exported')

/** Post-processing and quantised models, with the operators that are refused. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  ssdlite_v3s_015_320_full: /operator If is not supported/,
  v2_035_128_int8_qdq: /operator QuantizeLinear is not supported[\s\S]*and \d+ more/,
  v2_035_128_int8_qop: /QLinearAdd of domain com.microsoft/,
  v2_035_128_int8_qop_mm: /operator QLinearConv is not supported/,
  v3s_015_96_int8_qdq: /operator DequantizeLinear is not supported/,
}

describe.skipIf(!root)('exported networks', () => {
  const folder = root as string
  const names = root ? readdirSync(root).filter((name) => existsSync(join(root, name, 'model.onnx'))) : []

  it('are there, and those that are refused among them', () => {
    expect(names).toHaveLength(36)
    expect(names).toEqual(expect.arrayContaining(Object.keys(REFUSED)))
  })

  for (const name of sample(names, (n, i) => n in REFUSED || i % 3 === 1)) {
    const path = join(folder, name, 'model.onnx')
    const load = (shape: readonly number[]) =>
      importModel(readFileSync(path), { inputShapes: [{ shape }], externalData: externalDataBeside(path) })
    const x = () => readNpy(join(folder, name, 'input_0.npy'))

    if (REFUSED[name]) {
      it(`${name} is refused, with everything unsupported listed`, () => {
        const error = (() => {
          try {
            load(x().type.shape)
          } catch (thrown) {
            return thrown
          }
        })()
        if (!(error instanceof Diagnostic || error instanceof Diagnostics)) throw error
        expect(error.format()).toMatch(REFUSED[name] as RegExp)
      })
      continue
    }

    it(`${name} equals its reference`, () => {
      const input = x()
      const graph = load(input.type.shape)
      verify(graph, ALWAYS, 'import')
      const half = input.type.dtype === 'float16' || name.includes('fp16')
      const outputs = interpret(half ? runPasses(graph, [widenFloat16]) : graph, [input])
      for (const [i, got] of outputs.entries()) {
        const stored = readNpy(join(folder, name, `output_${i}.npy`))
        const want = half ? fromNumbers(got.type, numbers(stored)) : stored
        expect(difference(got, want, half ? { rtol: 2e-2, atol: 2e-2 } : { rtol: 1e-3, atol: 5e-4 })).toBeNull()
      }
    })
  }
})
