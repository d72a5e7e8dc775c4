/** Tensors that the command line names: `[name=]file`. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { Diagnostic } from '../../ir/diagnostics.ts'
import { reshaped, type Tensor } from '../../ir/tensors/tensor.ts'
import { type DType, formatType, type Shape, sameShape } from '../../ir/tensors/types.ts'
import { readTensorProto } from '../onnx/tensor.ts'
import { readNpy } from '../running/npy.ts'
import { UsageError, withFile } from './errors.ts'

/** What a file's tensor is for: a value of the model, by its name and type. */
export interface NamedValue {
  readonly name: string
  readonly dtype: DType
  readonly shape: Shape
}

export interface NamedPath {
  readonly name: string | null
  readonly path: string
}

/** A text that is a path as it stands has no name; else it is split at the first `=` that leaves a path. */
export function parseNamedPath(text: string): NamedPath {
  if (existsSync(text)) return { name: null, path: text }
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
    const path = text.slice(at + 1)
    if (existsSync(path)) return { name: text.slice(0, at), path }
  }
  const at = text.indexOf('=')
  throw new UsageError(`${at < 0 ? text : text.slice(at + 1)}: no such file`)
}

/** Whether there is a folder at the path, perhaps behind a link. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** A `.npy` or ONNX `.pb` file. */
export function readTensorFile(path: string): Tensor {
  const read = /\.npy$/i.test(path) ? readNpy : /\.pb$/i.test(path) ? readTensorProto : null
  if (!read) throw new UsageError(`${path}: expected a .npy file or an ONNX .pb file`)
  try {
    return read(withFile(path, () => readFileSync(path)))
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error
    throw new UsageError(`${path}: ${error.message}`, error.hint)
  }
}

/** One tensor per value, in order: by name, or the only one there is. Throws `UsageError` where they do not fit. */
export function assignTensors(kind: string, values: readonly NamedValue[], files: readonly NamedPath[]): Tensor[] {
  const names = values.map((v) => JSON.stringify(v.name)).join(', ')
  const found = new Map<string, Tensor>()
  for (const { name, path } of files) {
    const value = name === null && values.length === 1 ? values[0] : values.find((v) => v.name === name)
    if (!value && name === null) throw new UsageError(`${path}: which ${kind}? give name=file`, `${kind}s: ${names}`)
    if (!value) throw new UsageError(`no ${kind} ${JSON.stringify(name)}`, `${kind}s: ${names}`)
    if (found.has(value.name)) throw new UsageError(`${kind} ${JSON.stringify(value.name)} is given more than once`)
    found.set(value.name, fitted(readTensorFile(path), value, path))
  }
  return values.map((value) => {
    const tensor = found.get(value.name)
    if (!tensor)
      throw new UsageError(`${kind} ${JSON.stringify(value.name)} is missing: ${formatType(value)}`, `give ${value.name}=file.npy`)
    return tensor
  })
}

/** The tensor under the value's shape; extents of 1 may be left out or added, nothing else. */
export function fitted(tensor: Tensor, value: NamedValue, path: string): Tensor {
  const significant = (shape: Shape): Shape => shape.filter((d) => d !== 1)
  if (tensor.type.dtype === value.dtype && sameShape(significant(tensor.type.shape), significant(value.shape)))
    return reshaped(tensor, value.shape)
  const hint = tensor.type.dtype === value.dtype ? undefined : `in NumPy: array.astype('${value.dtype}')`
  throw new UsageError(`${path}: is ${formatType(tensor.type)}, but ${JSON.stringify(value.name)} is ${formatType(value)}`, hint)
}
