/**
 * Reads external tensor data from disk. After links are resolved, it must be a regular file inside the model's
 * folder.
 */

import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { Diagnostic } from '../../ir/diagnostics.ts'
import { DEFAULT_LIMITS } from '../limits/limits.ts'
import type { ExternalData } from './tensor.ts'

/**
 * A reader of the files beside the model at `modelPath`. Each file is read once. All files together may have at
 * most `most` bytes. Throws `Diagnostic` for a name that is not a regular file inside that folder.
 */
export function externalDataBeside(modelPath: string, most = DEFAULT_LIMITS.fileBytes): ExternalData {
  const files = new Map<string, Uint8Array>()
  let left = most
  return (name) => {
    const known = files.get(name)
    if (known) return known
    const bytes = readInside(dirname(modelPath), name, left)
    left -= bytes.length
    files.set(name, bytes)
    return bytes
  }
}

function readInside(folder: string, name: string, most: number): Uint8Array {
  if (name === '' || name.includes('\0') || isAbsolute(name)) throw refused(name, 'is not a relative path')
  const root = attempt(name, () => realpathSync(folder))
  if (leaves(relative(root, join(root, name)))) throw refused(name, "is outside the model's folder")
  const path = attempt(name, () => realpathSync(join(root, name)))
  if (leaves(relative(root, path))) throw refused(name, "is a link to a path outside the model's folder")
  const status = attempt(name, () => statSync(path))
  if (!status.isFile()) throw refused(name, 'is a directory or device, not a file')
  if (status.size > most) throw refused(name, `has ${status.size} bytes, more than the ${most} that the limit on external data leaves`)
  return attempt(name, () => readFileSync(path))
}

function leaves(path: string): boolean {
  return path === '' || path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)
}

function attempt<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw refused(name, code === 'ENOENT' || code === 'ENOTDIR' ? 'is not found' : `cannot be read (${code})`)
  }
}

function refused(name: string, problem: string): Diagnostic {
  return new Diagnostic({
    code: 'external-data',
    message: `external data path ${JSON.stringify(name)} ${problem}`,
    hint: "external data is read only from files inside the model's own folder",
  })
}
