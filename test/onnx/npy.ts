/** Just enough of the .npy format (NumPy, NEP 1) to read the stored inputs and references. */

import { readFileSync } from 'node:fs'
import { type Tensor, tensorFromBytes } from '../../ir/tensors/tensor.ts'
import type { DType } from '../../ir/tensors/types.ts'

const DTYPES: Readonly<Record<string, DType>> = {
  '<f4': 'float32',
  '<f8': 'float64',
  '<f2': 'float16',
  '|u1': 'uint8',
  '|i1': 'int8',
  '<i4': 'int32',
  '<i8': 'int64',
}

export function readNpy(path: string): Tensor {
  const bytes = readFileSync(path)
  const length = bytes[6] === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8)
  const start = bytes[6] === 1 ? 10 : 12
  const header = bytes.toString('latin1', start, start + length)
  const dtype = DTYPES[/'descr': '([^']+)'/.exec(header)?.[1] ?? '']
  const shape = /'shape': \(([^)]*)\)/.exec(header)?.[1]
  if (!dtype || shape === undefined || header.includes("'fortran_order': True")) throw new Error(`${path}: ${header}`)
  const extents = shape
    .split(',')
    .filter((d) => d.trim() !== '')
    .map(Number)
  return tensorFromBytes({ dtype, shape: extents }, bytes.subarray(start + length))
}
