/** Discovery of the operator conformance cases in ../shared/data/conformance, and comparison by their rules. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeModel, int64Number } from '../../compiler/onnx/proto.ts'
import { readTensorProto } from '../../compiler/onnx/tensor.ts'
import { numbers, type Tensor } from '../../ir/tensors/tensor.ts'
import { isFloat, sameShape, sizeOf } from '../../ir/tensors/types.ts'
import { sharedData } from '../shared-data.ts'

/** null where the data is not present. */
export const CONFORMANCE = sharedData('conformance')

export const SUITES = ['onnx', 'ort-testdata', 'ort-web-ops', 'onnx2c-local-ops'] as const
export type Suite = (typeof SUITES)[number]

interface Tolerance {
  readonly rtol?: number
  readonly atol?: number
  readonly max_abs?: number
}

export interface ConformanceCase {
  readonly suite: Suite
  readonly test: string
  readonly ops: readonly string[]
  /** `core`, `edge`, or undefined where the suite has no scopes. */
  readonly scope: string | undefined
  /** False for cases whose stored result is not confirmed by a reference. */
  readonly scored: boolean
  /** The file to compile: the variant with frozen parameters where there is one. */
  readonly model: string
  readonly folder: string
  /** Input positions that the frozen variant does not have. */
  readonly frozen: readonly number[]
  tolerance(output: string): Tolerance
}

export interface DataSet {
  /** By position among the inputs that the model has. */
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
}

interface IndexEntry {
  readonly test: string
  readonly ops: readonly string[]
  readonly scope?: string
  readonly const_variant?: { readonly frozen: readonly { readonly input_index: number }[] } | null
  readonly tolerance?: Tolerance & Readonly<Record<string, Tolerance | number>>
  readonly ort?: { readonly pass?: boolean }
}

/** With `frozen`, parameters are constants in the cases that have that form; without, all are run-time inputs. */
export function conformanceCases(suite: Suite, frozen = true): ConformanceCase[] {
  const { tests } = JSON.parse(readFileSync(join(CONFORMANCE ?? '', suite, 'index.json'), 'utf8')) as { tests: IndexEntry[] }
  return tests.map((entry) => caseOf(suite, entry, frozen))
}

function caseOf(suite: Suite, entry: IndexEntry, frozen: boolean): ConformanceCase {
  const folder = join(CONFORMANCE ?? '', suite, entry.test)
  const constVariant = frozen && existsSync(join(folder, 'model_const.onnx'))
  const { tolerance } = entry
  return {
    suite,
    test: entry.test,
    ops: entry.ops,
    scope: entry.scope,
    scored: entry.ort?.pass !== false,
    model: join(folder, constVariant ? 'model_const.onnx' : 'model.onnx'),
    folder,
    frozen: constVariant ? (entry.const_variant?.frozen.map((f) => f.input_index) ?? []) : [],
    tolerance: (output) => {
      const own = tolerance?.[output]
      return typeof own === 'object' ? own : (tolerance ?? {})
    },
  }
}

/** The case's stored inputs and outputs. */
export function dataSets(c: ConformanceCase): DataSet[] {
  const folders = readdirSync(c.folder).filter((name) => name.startsWith('test_data_set_'))
  return folders.map((name) => {
    const inputs = readSeries(join(c.folder, name), 'input')
    return { inputs: inputs.filter((_, i) => !c.frozen.includes(i)), outputs: readSeries(join(c.folder, name), 'output') }
  })
}

function readSeries(folder: string, prefix: string): Tensor[] {
  const files = readdirSync(folder).filter((name) => name.startsWith(`${prefix}_`) && name.endsWith('.pb'))
  return files.map((_, i) => readTensorProto(readFileSync(join(folder, `${prefix}_${i}.pb`))))
}

/** Input shapes of the stored data, for models with symbolic dimensions. */
export function shapesOf(c: ConformanceCase, inputs: readonly Tensor[]): { name: string; shape: readonly number[] }[] {
  const graph = decodeModel(readFileSync(c.model)).graph
  const initialized = new Set(graph?.initializer.map((t) => t.name))
  const real = graph?.input.filter((info) => !initialized.has(info.name)) ?? []
  return real.flatMap((info, i) => {
    const shape = inputs[i]?.type.shape
    const dims = info.type?.tensorType?.shape?.dim
    const open = !dims || dims.some((d) => !Object.hasOwn(d, 'dimValue') || int64Number(d.dimValue) < 0)
    return shape && open ? [{ name: info.name, shape }] : []
  })
}

/** How `got` differs from `want`, or null. */
export function difference(got: Tensor | undefined, want: Tensor, tolerance: Tolerance): string | null {
  if (!got) return 'missing'
  if (got.type.dtype !== want.type.dtype) return `dtype ${got.type.dtype}, want ${want.type.dtype}`
  if (!sameShape(got.type.shape, want.type.shape)) return `shape [${got.type.shape}], want [${want.type.shape}]`
  const { rtol = 1e-3, atol = sizeOf(want.type.shape) >= 1e5 ? 1e-4 : 1e-5, max_abs = 0 } = tolerance
  const [g, w] = [numbers(got), numbers(want)]
  for (let i = 0; i < w.length; i++) {
    const [a, b] = [g[i] as number, w[i] as number]
    const allowed = isFloat(want.type.dtype) ? atol + rtol * Math.abs(b) : max_abs
    const equal = Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b)) || (Number.isFinite(b) && Math.abs(a - b) <= allowed)
    if (!equal) return `element ${i} is ${a}, want ${b}`
  }
  return null
}
