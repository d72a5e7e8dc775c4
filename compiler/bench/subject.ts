/** A bundle on disk, as `bench` sees it. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModuleStep } from '../../targets/linking/module.ts'
import { type Target, targetNamed } from '../../targets/target/target.ts'
import { MANIFEST, type Manifest } from '../bundle/bundle.ts'
import { PROFILE, parseProfileTable } from '../bundle/profile-table.ts'

export interface Subject {
  readonly folder: string
  readonly modelHash: string
  readonly compilerVersion: string
  /** The targets of this compiler that the bundle has, the preferred one first. */
  readonly targets: readonly Target[]
  /** Multiply-adds of one run; null where the bundle does not say. */
  readonly macs: number | null
  /** The steps of a target, for a bundle made for profiling; otherwise empty. */
  stepsOf(target: string): readonly ModuleStep[]
}

/** Reads a bundle's manifest. Throws an `Error` that names the folder where it has none. */
export function readSubject(folder: string): Subject {
  const path = join(folder, MANIFEST)
  if (!existsSync(path)) throw new Error(`${folder}: is not a bundle, it has no ${MANIFEST}`)
  const manifest = parseManifest(path)
  const { modelHash, compilerVersion, targets, macs } = manifest
  const profile = existsSync(join(folder, PROFILE)) ? parseProfileTable(readFileSync(join(folder, PROFILE), 'utf8')) : null
  return {
    folder,
    modelHash,
    compilerVersion,
    targets: targets.flatMap((name) => targetNamed(name) ?? []),
    macs: typeof macs === 'number' && macs > 0 ? macs : null,
    stepsOf: (target) => profile?.targets[target]?.steps ?? [],
  }
}

function parseManifest(path: string): Manifest {
  try {
    const manifest: Manifest = JSON.parse(readFileSync(path, 'utf8'))
    if (Array.isArray(manifest.targets) && manifest.targets.length > 0) return manifest
  } catch {}
  throw new Error(`${path}: is not a bundle's manifest`)
}
