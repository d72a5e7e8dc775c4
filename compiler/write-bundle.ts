/** Writes a bundle into a folder that may hold other things. */

import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bundle, MANIFEST } from './bundle.ts'

/** Files in the way that no bundle has put there. */
export class ForeignFiles extends Error {
  readonly names: readonly string[]

  constructor(folder: string, names: readonly string[]) {
    super(`${folder} holds ${names.join(', ')}, which no earlier bundle wrote`)
    this.name = 'ForeignFiles'
    this.names = names
  }
}

/**
 * Writes each file beside its place, then renames all of them, the manifest last. Only files that an
 * earlier bundle's manifest in `folder` lists are replaced, and those that are no longer part of the
 * bundle are removed. Throws `ForeignFiles` where another file is in the way, or the system's error;
 * then the folder is as it was, and absent if it was absent.
 */
export function writeBundle(bundle: Bundle, folder: string): void {
  const first = mkdirSync(folder, { recursive: true })
  const written: string[] = []
  try {
    const earlier = filesOfEarlierBundle(folder)
    const foreign = [...bundle.files.keys()].filter((name) => !earlier.includes(name) && present(join(folder, name)))
    if (foreign.length > 0) throw new ForeignFiles(folder, foreign)
    const names = [...bundle.files.keys()].sort((a, b) => Number(a === MANIFEST) - Number(b === MANIFEST))
    for (const name of names) {
      written.push(beside(folder, name))
      writeFileSync(beside(folder, name), bundle.files.get(name) as Uint8Array, { flag: 'wx' })
    }
    for (const name of earlier) if (!bundle.files.has(name)) rmSync(join(folder, name), { force: true })
    for (const name of names) renameSync(beside(folder, name), join(folder, name))
  } catch (error) {
    for (const path of written) rmSync(path, { force: true })
    if (first !== undefined) rmSync(first, { recursive: true })
    throw error
  }
}

function beside(folder: string, name: string): string {
  return join(folder, `.${name}.${process.pid}.tmp`)
}

/** Names of plain files that a bundle's manifest in the folder lists, and the manifest's own. */
function filesOfEarlierBundle(folder: string): string[] {
  const path = join(folder, MANIFEST)
  if (!existsSync(path)) return []
  try {
    const { compilerVersion, modelHash, files } = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof compilerVersion !== 'string' || typeof modelHash !== 'string') return []
    return [...Object.keys(files).filter((name) => /^\w[\w.-]*$/.test(name) && isFile(join(folder, name))), MANIFEST]
  } catch {
    return []
  }
}

function present(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true
}
