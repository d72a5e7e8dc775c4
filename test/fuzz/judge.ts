/** What came of a case. */

import { numbers, type Tensor } from '../../ir/tensors/tensor.ts'
import { isFloat, sameShape } from '../../ir/tensors/types.ts'
import { type FuzzCase, inputsOf, modelOf } from './case.ts'
import { type Reference, reference } from './reference.ts'
import { compiled, type Executor, interpreted, type Result } from './subject.ts'

/**
 * `equal`: the compiled module computes what onnxruntime does. `refused`: the compiler says that it
 * cannot. `invalid`: onnxruntime refuses the model (then the interpreter stands in for it). `wrong`,
 * `crash` and `slow` are failures.
 */
export interface Verdict {
  readonly kind: 'equal' | 'refused' | 'invalid' | 'wrong' | 'crash' | 'slow'
  readonly detail: string
}

export const FAILURES: ReadonlySet<Verdict['kind']> = new Set(['wrong', 'crash', 'slow'])

/** Compiling and running a small case takes less. */
const PATIENCE_MS = 10_000

export async function judge(c: FuzzCase, execute: Executor = compiled): Promise<Verdict> {
  const inputs = inputsOf(c)
  const start = performance.now()
  const got = attempt(() => execute(c, inputs))
  const milliseconds = performance.now() - start
  if ('crash' in got) return { kind: 'crash', detail: got.crash }
  if (milliseconds > PATIENCE_MS) return { kind: 'slow', detail: `${Math.round(milliseconds)} ms` }
  const want = await expected(c, inputs)
  if ('refused' in got) return { kind: 'invalid' in want ? 'invalid' : 'refused', detail: got.refused }
  const { tensors, invalid } = 'invalid' in want ? { tensors: standIn(c, inputs), invalid: want.invalid } : { ...want, invalid: '' }
  const problem = tensors && mismatch(got.tensors, tensors, c)
  if (problem) return { kind: 'wrong', detail: problem }
  return { kind: invalid ? 'invalid' : 'equal', detail: invalid }
}

async function expected(c: FuzzCase, inputs: readonly Tensor[]): Promise<Reference> {
  const want = await reference(modelOf(c), inputs)
  if ('invalid' in want || !c.special) return want
  return { tensors: standIn(c, inputs) ?? [] }
}

function standIn(c: FuzzCase, inputs: readonly Tensor[]): readonly Tensor[] | null {
  const result = attempt(() => interpreted(c, inputs))
  return 'tensors' in result ? result.tensors : null
}

function attempt(run: () => Result): Result | { readonly crash: string } {
  try {
    return run()
  } catch (error) {
    return {
      crash: error instanceof Error ? `${error.name}: ${error.message}\n${error.stack?.split('\n').slice(1, 5).join('\n')}` : String(error),
    }
  }
}

function mismatch(got: readonly Tensor[], want: readonly Tensor[], c: FuzzCase): string | null {
  if (got.length !== want.length) return `${got.length} outputs instead of ${want.length}`
  for (const [i, w] of want.entries()) {
    const problem = difference(got[i] as Tensor, w, c.deep ?? false)
    if (problem) return `output ${c.outputs[i]}: ${problem}`
  }
  return null
}

/**
 * Integers and truth values are exact. Floats may differ by a thousandth of themselves, and by a
 * share of the largest element for sums whose terms cancel: 10⁻⁵, after many layers 10⁻⁴; float16 by
 * two units in the last place.
 */
export function difference(got: Tensor, want: Tensor, deep: boolean): string | null {
  if (got.type.dtype !== want.type.dtype) return `dtype ${got.type.dtype} instead of ${want.type.dtype}`
  if (!sameShape(got.type.shape, want.type.shape)) return `shape [${got.type.shape}] instead of [${want.type.shape}]`
  if (!isFloat(want.type.dtype)) return exactDifference(got, want)
  const [g, w] = [numbers(got), numbers(want)]
  const half = want.type.dtype === 'float16'
  const largest = Array.from(w).reduce((m, x) => (Number.isFinite(x) ? Math.max(m, Math.abs(x)) : m), 0)
  const atol = deep ? 1e-4 * largest + 1e-6 : 1e-5 * Math.max(1, largest)
  for (let i = 0; i < w.length; i++) {
    const [a, b] = [g[i] as number, w[i] as number]
    const allowed = half ? 2e-3 * Math.max(1, Math.abs(b)) : atol + 1e-3 * Math.abs(b)
    if (a !== b && !(Number.isNaN(a) && Number.isNaN(b)) && !(Number.isFinite(b) && Math.abs(a - b) <= allowed))
      return `element ${i} is ${a} instead of ${b}`
  }
  return null
}

function exactDifference(got: Tensor, want: Tensor): string | null {
  for (let i = 0; i < want.data.length; i++)
    if (got.data[i] !== want.data[i]) return `element ${i} is ${got.data[i]} instead of ${want.data[i]}`
  return null
}
