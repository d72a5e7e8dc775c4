/** Tensors that the command line names: `[name=]file`. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { Diagnostic } from '../../ir/diagnostics.ts'
import { reshaped, type Tensor } from '../../ir/tensors/tensor.ts'
import { type DType, formatType, type Shape, sameShape } from '../../ir/tensors/types.ts'
import { readTensorProto } from '../onnx/tensor.ts'
import { readNpy } from '../running/npy.ts'
import { UsageError, withFile } from './errors.ts'

export interface Port {
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

/** One tensor per port, in order: by name, or the only one there is. Throws `UsageError` where they do not fit. */
export function assignTensors(kind: string, ports: readonly Port[], files: readonly NamedPath[]): Tensor[] {
  const names = ports.map((p) => JSON.stringify(p.name)).join(', ')
  const found = new Map<string, Tensor>()
  for (const { name, path } of files) {
    const port = name === null && ports.length === 1 ? ports[0] : ports.find((p) => p.name === name)
    if (!port && name === null) throw new UsageError(`${path}: which ${kind}? give name=file`, `${kind}s: ${names}`)
    if (!port) throw new UsageError(`no ${kind} ${JSON.stringify(name)}`, `${kind}s: ${names}`)
    if (found.has(port.name)) throw new UsageError(`${kind} ${JSON.stringify(port.name)} is given more than once`)
    found.set(port.name, fitted(readTensorFile(path), port, path))
  }
  return ports.map((port) => {
    const tensor = found.get(port.name)
    if (!tensor) throw new UsageError(`${kind} ${JSON.stringify(port.name)} is missing: ${formatType(port)}`, `give ${port.name}=file.npy`)
    return tensor
  })
}

/** The tensor under the port's shape; extents of 1 may be left out or added, nothing else. */
export function fitted(tensor: Tensor, port: Port, path: string): Tensor {
  const significant = (shape: Shape): Shape => shape.filter((d) => d !== 1)
  if (tensor.type.dtype === port.dtype && sameShape(significant(tensor.type.shape), significant(port.shape)))
    return reshaped(tensor, port.shape)
  const hint = tensor.type.dtype === port.dtype ? undefined : `in NumPy: array.astype('${port.dtype}')`
  throw new UsageError(`${path}: is ${formatType(tensor.type)}, but ${JSON.stringify(port.name)} is ${formatType(port)}`, hint)
}
