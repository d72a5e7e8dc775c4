/** Seeded pseudo-random numbers and graph inputs. Equal seeds give equal values on every machine. */

import type { Graph } from '../../ir/graph/graph.ts'
import { fromNumbers, type Tensor } from '../../ir/tensors/tensor.ts'
import { type DType, isFloat, sizeOf, type TensorType } from '../../ir/tensors/types.ts'

export interface Random {
  /** Uniform in [0, 1), with 32 bits. */
  uniform(): number
  /** Standard normal. */
  normal(): number
  /** Uniform integer in [0, n). */
  integer(n: number): number
}

/**
 * A seeded generator: SplitMix with a 32-bit state (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
 * Generators", 2014), with the finaliser of MurmurHash3 as the mixing function.
 */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const uniform = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32
  }
  return {
    uniform,
    /** Box–Muller; the first factor is kept away from log(0). */
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    integer: (n) => Math.floor(uniform() * n),
  }
}

/**
 * A tensor of seeded values. Floats are standard normal, and 8-bit integers have their whole range. Wider
 * integers are 0 or 1, because they may be indices.
 */
export function seededTensor(type: TensorType, random: Random): Tensor {
  const draw = drawFor(type.dtype, random)
  return fromNumbers({ dtype: type.dtype, shape: type.shape }, Float64Array.from({ length: sizeOf(type.shape) }, draw))
}

function drawFor(dtype: DType, random: Random): () => number {
  if (isFloat(dtype)) return () => random.normal()
  if (dtype === 'bool') return () => random.integer(2)
  if (dtype === 'uint8') return () => random.integer(256)
  if (dtype === 'int8') return () => random.integer(256) - 128
  return () => random.integer(2)
}

/** One tensor per graph input, by position. */
export function seededInputs(graph: Graph, seed = 1): Tensor[] {
  const random = seeded(seed)
  return graph.inputs.map((v) => seededTensor(v.type, random))
}
