/** What onnxruntime computes, without its own optimisations. */

import { createRequire } from 'node:module'
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { Tensor } from '../../ir/tensors/tensor.ts'
import type { DType } from '../../ir/tensors/types.ts'

type Ort = typeof import('onnxruntime-node')

/** CommonJS, whatever bundles this. */
const ort = createRequire(import.meta.url)('onnxruntime-node') as Ort

const OPTIONS: InferenceSession.SessionOptions = {
  graphOptimizationLevel: 'disabled',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
}

export type Reference = { readonly tensors: readonly Tensor[] } | { readonly invalid: string }

/** Outputs by position, from inputs by position; the model by its bytes or its path. `invalid` where onnxruntime refuses the model or the run. */
export async function reference(model: Uint8Array | string, inputs: readonly Tensor[]): Promise<Reference> {
  let session: InferenceSession | null = null
  try {
    session = await ort.InferenceSession.create(model as string, OPTIONS)
    const feeds = Object.fromEntries(session.inputNames.map((name, i) => [name, toOrt(inputs[i] as Tensor)]))
    const results = await session.run(feeds)
    return { tensors: session.outputNames.map((name) => fromOrt(results[name] as OrtTensor)) }
  } catch (error) {
    return { invalid: error instanceof Error ? error.message : String(error) }
  } finally {
    await session?.release()
  }
}

function toOrt({ type, data }: Tensor): OrtTensor {
  return new ort.Tensor(type.dtype as 'float32', data as Float32Array, type.shape)
}

function fromOrt(t: OrtTensor): Tensor {
  return { type: { dtype: t.type as DType, shape: t.dims }, data: t.data as Float32Array }
}
