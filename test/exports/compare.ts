/** Interpreter and compiled modules against onnxruntime. */

import { type ImportOptions, importModel } from '../../compiler/import/import.ts'
import { linkGraph, optimise } from '../../compiler/pipeline.ts'
import { runModule } from '../../compiler/running/run-module.ts'
import { interpret } from '../../ir/graph/interpret.ts'
import { numbers, type Tensor } from '../../ir/tensors/tensor.ts'
import { TARGETS } from '../../targets/target/target.ts'
import * as closeness from '../closeness.ts'
import { type FuzzCase, inputsOf, modelOf } from '../fuzz/case.ts'
import { difference } from '../fuzz/judge.ts'
import { reference } from '../fuzz/reference.ts'
import { together } from '../fuzz/together.ts'

/** Outputs by who computed them: onnxruntime, the interpreter, and each target's module. */
export interface Answers {
  readonly want: readonly Tensor[]
  readonly got: ReadonlyMap<string, readonly Tensor[]>
}

export interface Question {
  readonly model: Uint8Array
  readonly inputs: readonly Tensor[]
  readonly options?: ImportOptions
  /** The model for onnxruntime, where it is another, or a path. */
  readonly referenceModel?: Uint8Array | string
}

/** Throws what import throws, and where onnxruntime refuses the model. */
export async function answer({ model, inputs, options = {}, referenceModel = model }: Question): Promise<Answers> {
  const want = await reference(referenceModel, inputs)
  if ('invalid' in want) throw new Error(`onnxruntime refuses the model: ${want.invalid}`)
  const graph = importModel(model, options)
  const { modules, weights } = linkGraph(optimise(graph), { targets: TARGETS })
  const compiled = modules.map((module) => [module.target.name, runModule(module, weights, inputs)] as const)
  return { want: want.tensors, got: new Map([['interpreter', interpret(graph, inputs)], ...compiled]) }
}

/** How far results may be apart: as after few layers, after many, or in float16. */
export type Precision = 'shallow' | 'deep' | 'half'

/** What differs, one line each, in outputs `from` … `to`. */
export function differences({ want, got }: Answers, precision: Precision, from = 0, to = want.length): string[] {
  return [...got].flatMap(([who, outputs]) =>
    want.slice(from, to).flatMap((w, i) => {
      const problem = apart(outputs[from + i] as Tensor, w, precision)
      return problem ? [`${who}, output ${i}: ${problem}`] : []
    }),
  )
}

function apart(got: Tensor, want: Tensor, precision: Precision): string | null {
  if (precision !== 'half') return difference(got, want, precision === 'deep')
  if (got.type.dtype !== want.type.dtype) return `dtype ${got.type.dtype} instead of ${want.type.dtype}`
  return closeness.difference(numbers(got), numbers(want), { rtol: 2e-2, atol: 2e-3 })
}

export const precisionOf = (c: FuzzCase): Precision => (c.deep ? 'deep' : 'shallow')

/** What is different in one case. */
export type Check = () => Promise<string[]>

/** One check for each of the cases, which agree in opset: they are compiled together, and each alone where that fails. */
export function sideBySide(cases: readonly FuzzCase[]): Check[] {
  const all = together(cases)
  const ask = (c: FuzzCase): Promise<Answers> => answer({ model: modelOf(c), inputs: inputsOf(c) })
  let answers: Promise<Answers> | undefined
  const once = (whole: FuzzCase): Promise<Answers> => {
    answers ??= ask(whole)
    return answers
  }
  let from = 0
  return cases.map((c) => {
    const first = from
    from += c.outputs.length
    const alone: Check = async () => differences(await ask(c), precisionOf(c))
    if (!all) return alone
    return () => once(all).then((whole) => differences(whole, precisionOf(c), first, first + c.outputs.length), alone)
  })
}
