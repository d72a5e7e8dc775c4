/** Writes a bundle into a folder that may hold other things. */

import { createHash } from 'node:crypto'
import { copyFileSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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
 * Writes each file beside its place and then renames all of them, the manifest last. Only files that the
 * manifest of an earlier bundle in `folder` lists are replaced. Those of them that are no longer part of the
 * bundle are removed.
 *
 * Throws `ForeignFiles` where another file is in the way, or the system's error. The folder is then as it was,
 * and absent if it was absent. If the process is killed meanwhile, the next call treats what it left as part of
 * an earlier bundle.
 */
export function writeBundle(bundle: Bundle, folder: string): void {
  const first = mkdirSync(folder, { recursive: true })
  const replacement = new Replacement(folder)
  try {
    const earlier = [...new Set([...filesOfEarlierBundle(folder), ...filesOfKilledProcesses(folder)])]
    const foreign = [...bundle.files.keys()].filter((name) => !earlier.includes(name) && present(join(folder, name)))
    if (foreign.length > 0) throw new ForeignFiles(folder, foreign)
    for (const { entry } of leftovers(folder)) rmSync(join(folder, entry), { force: true })
    const names = [...bundle.files.keys()].sort((a, b) => Number(a === MANIFEST) - Number(b === MANIFEST))
    for (const name of names) replacement.write(name, bundle.files.get(name) as Uint8Array)
    for (const name of earlier) replacement.keep(name)
    for (const name of earlier) if (!bundle.files.has(name)) rmSync(join(folder, name), { force: true })
    for (const name of names) replacement.put(name)
    replacement.finish()
  } catch (error) {
    replacement.undo()
    if (first !== undefined) rmSync(first, { recursive: true })
    throw error
  }
}

/** Puts files of one folder in the places of others: either all of them or none. */
class Replacement {
  readonly #folder: string
  readonly #written: string[] = []
  readonly #kept: string[] = []
  readonly #put: string[] = []

  constructor(folder: string) {
    this.#folder = folder
  }

  write(name: string, bytes: Uint8Array): void {
    this.#written.push(name)
    writeFileSync(this.#beside(name, 'new'), bytes, { flag: 'wx' })
  }

  /** Gives the file that is in the place now a second name, so that it can be put back. */
  keep(name: string): void {
    const [place, second] = [join(this.#folder, name), this.#beside(name, 'old')]
    this.#kept.push(name)
    try {
      linkSync(place, second)
    } catch {
      copyFileSync(place, second)
    }
  }

  put(name: string): void {
    renameSync(this.#beside(name, 'new'), join(this.#folder, name))
    this.#put.push(name)
  }

  finish(): void {
    for (const name of this.#kept) rmSync(this.#beside(name, 'old'), { force: true })
  }

  undo(): void {
    for (const name of this.#written) rmSync(this.#beside(name, 'new'), { force: true })
    for (const name of this.#put) if (!this.#kept.includes(name)) rmSync(join(this.#folder, name), { force: true })
    for (const name of this.#kept) {
      if (present(this.#beside(name, 'old'))) renameSync(this.#beside(name, 'old'), join(this.#folder, name))
    }
    this.finish()
  }

  #beside(name: string, kind: 'new' | 'old'): string {
    return join(this.#folder, `.${name}.${process.pid}.${kind}`)
  }
}

interface Leftover {
  readonly entry: string
  readonly name: string
  readonly kind: string
}

/** Files beside the places of a bundle's files, left by a process that no longer runs. */
function leftovers(folder: string): Leftover[] {
  return readdirSync(folder).flatMap((entry) => {
    const [, name = '', pid, kind = ''] = /^\.(.+)\.(\d+)\.(new|old)$/.exec(entry) ?? []
    return BUNDLE_FILE.test(name) && !isAnother(Number(pid)) ? [{ entry, name, kind }] : []
  })
}

/** Whether `pid` is the id of a running process other than this one. */
function isAnother(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return pid !== process.pid
  } catch (error) {
    return (error as { code?: string }).code !== 'ESRCH'
  }
}

/** Names of plain files that a bundle's manifest in the folder lists, and the manifest's own. */
function filesOfEarlierBundle(folder: string): string[] {
  const listed = readListed(join(folder, MANIFEST))
  return listed ? [...listed.keys()].filter((name) => isFile(join(folder, name))).concat(MANIFEST) : []
}

/** Names of files that killed processes put in place, before their manifest. */
function filesOfKilledProcesses(folder: string): string[] {
  const manifests = leftovers(folder).filter(({ name, kind }) => name === MANIFEST && kind === 'new')
  return manifests.flatMap(({ entry }) =>
    [...(readListed(join(folder, entry)) ?? [])].flatMap(([name, hash]) => (hashOf(join(folder, name)) === hash ? [name] : [])),
  )
}

/** Hashes by file name, as in a bundle's manifest; null where the file is not a manifest. */
function readListed(path: string): Map<string, string> | null {
  if (!isFile(path)) return null
  try {
    const { compilerVersion, modelHash, files } = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof compilerVersion !== 'string' || typeof modelHash !== 'string') return null
    const entries = Object.entries(files as Record<string, { sha384: string }>)
    return new Map(entries.flatMap(([name, { sha384 }]) => (BUNDLE_FILE.test(name) ? [[name, sha384]] : [])))
  } catch {
    return null
  }
}

/** A plain file name: no path, and not hidden. */
const BUNDLE_FILE = /^\w[\w.-]*$/

function hashOf(path: string): string | null {
  return isFile(path) ? createHash('sha384').update(readFileSync(path)).digest('base64') : null
}

function present(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true
}
