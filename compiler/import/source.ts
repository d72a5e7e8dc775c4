/**
 * The front end: reads and imports a model file. It does not load the back end, so a model that is refused is
 * refused quickly.
 */

import { createHash } from 'node:crypto'
import type { Graph } from '../../ir/graph/graph.ts'
import type { ExternalData } from '../onnx/tensor.ts'
import { type ImportOptions, importModel } from './import.ts'

export interface SourceEvents {
  /** A stage begins. */
  readonly onStage?: (stage: string) => void
  readonly onImport?: (graph: Graph) => void
}

export interface Source {
  /** The graph as the model states it. */
  readonly graph: Graph
  /** SHA-256 of the model file, followed by the external data files it reads, hexadecimal. */
  readonly modelHash: string
}

/** Throws `Diagnostic` or `Diagnostics` for what is invalid or unsupported. */
export function readSource(model: Uint8Array, options: ImportOptions & SourceEvents): Source {
  options.onStage?.('import')
  const hash = createHash('sha256').update(model)
  const { externalData } = options
  const read = new Map<string, Uint8Array>()
  const hashed = (name: string): Uint8Array => {
    const bytes = read.get(name) ?? (externalData as ExternalData)(name)
    if (!read.has(name)) hash.update(bytes)
    read.set(name, bytes)
    return bytes
  }
  const graph = importModel(model, externalData ? { ...options, externalData: hashed } : options)
  options.onImport?.(graph)
  return { graph, modelHash: hash.digest('hex') }
}
