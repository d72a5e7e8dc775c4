/** `profile`: times every step of a bundle that was compiled with `--profile`. */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Argv } from 'yargs'
import { preferredFirst, TARGETS, type Target } from '../../targets/target/target.ts'
import { MANIFEST, type Manifest, wasmName } from '../bundle/bundle.ts'
import { PROFILE, type ProfileTable, parseProfileTable } from '../bundle/profile-table.ts'
import { analyse, type Profile } from '../profile/analyse.ts'
import type { Recording } from '../profile/recording.ts'
import { reportPage } from '../profile/report.ts'
import { traceOf } from '../profile/trace.ts'
import { runnable } from '../running/run-module.ts'
import type { GlobalOptions, Output } from '../terminal/output.ts'
import { type ArgumentsOf, command } from './command.ts'
import { UsageError, withFile } from './errors.ts'
import { REPEATABLE } from './model-options.ts'
import { profileTables } from './profile-tables.ts'
import { relaunch } from './relaunch.ts'

function builder(argv: Argv<GlobalOptions>) {
  return argv
    .positional('bundle', { type: 'string', demandOption: true, describe: 'Folder that compile --profile has written' })
    .option('target', {
      choices: ['auto', ...TARGETS.map((t) => t.name)] as const,
      default: 'auto' as const,
      describe: 'Which module to profile; auto takes the best one that the bundle has',
    })
    .option('num-runs', { type: 'number', requiresArg: true, default: 50, describe: 'Runs to measure, after warming up' })
    .option('output', {
      ...REPEATABLE,
      alias: 'o',
      coerce: outputPaths,
      describe: 'Also write a report (.html) or a trace for Perfetto (.json); repeatable',
    })
    .example('$0 profile dist/', 'print times per layer')
    .example('$0 profile dist/ --output report.html', 'write a report with a roofline plot and a timeline')
    .example('$0 profile dist/ --output trace.json', 'write a trace that ui.perfetto.dev opens')
}

type ProfileArguments = ArgumentsOf<typeof builder>

export const profileCommand = command({
  command: 'profile <bundle>',
  describe: 'Time every layer of a bundle made with --profile: share, GMAC/s, bytes, fraction of the ceiling',
  builder,
  run,
})

async function run(args: ProfileArguments, output: Output): Promise<void> {
  if (!Number.isSafeInteger(args.numRuns) || args.numRuns < 1) {
    throw new UsageError(`--num-runs ${args.numRuns}: expected an integer of at least 1`)
  }
  const { manifest, table } = open(args.bundle)
  const target = targetOf(args.bundle, args.target, table)
  if (!manifest.files[wasmName(target.name)]) throw new UsageError(`${args.bundle}: is a single file`, 'compile it without --single-file')
  if (!runnable(target)) return relaunch([target])
  output.progress(`running ${args.bundle} (${target.name})`)
  const recording = await recordOrExplain(args, target, manifest, table)
  const profile = analyse(recording)
  const files = args.output ?? []
  for (const path of files) withFile(path, () => writeFileSync(path, contentOf(path, recording, profile)))
  output.text(profileTables(profile, output.colors))
  output.value({ ...profile, ...(files.length > 0 && { files }) })
  if (files.length > 0) output.note(`wrote ${files.join(', ')}`)
}

function contentOf(path: string, recording: Recording, profile: Profile): string {
  return isPage(path) ? reportPage(profile) : `${JSON.stringify(traceOf(recording, profile))}\n`
}

function isPage(path: string): boolean {
  return /^\.html?$/i.test(extname(path))
}

function outputPaths(paths: readonly string[]): readonly string[] {
  for (const path of paths) {
    if (isPage(path) || /^\.json$/i.test(extname(path))) continue
    throw new UsageError(`--output ${path}: expected a name that ends in .html or .json`, 'for example --output report.html')
  }
  return paths
}

const REBUILD = 'make one with: mobilenet-compile compile <model.onnx> -o <dir> --profile'

function open(folder: string): { manifest: Manifest; table: ProfileTable } {
  if (!existsSync(join(folder, MANIFEST))) throw new UsageError(`${folder}: is not a bundle, it has no ${MANIFEST}`)
  const manifest = parsed(join(folder, MANIFEST), parseManifest)
  const listed = manifest.files[PROFILE]
  if (!listed) throw new UsageError(`${folder}: is not a profiling build`, REBUILD)
  const path = join(folder, PROFILE)
  const hash = createHash('sha384').update(withFile(path, () => readFileSync(path)))
  if (hash.digest('base64') !== listed.sha384) throw new UsageError(`${path}: is not the file that the bundle was made with`, REBUILD)
  return { manifest, table: parsed(path, parseProfileTable) }
}

function parsed<T>(path: string, parse: (text: string) => T | null): T {
  const content = parse(withFile(path, () => readFileSync(path, 'utf8')))
  if (content === null) throw new UsageError(`${path}: is damaged`)
  return content
}

function parseManifest(text: string): Manifest | null {
  try {
    const manifest: Manifest = JSON.parse(text)
    return manifest.files && manifest.peakMemory ? manifest : null
  } catch {
    return null
  }
}

function targetOf(folder: string, wanted: string, { targets }: ProfileTable): Target {
  const known = TARGETS.filter((t) => targets[t.name]).sort(preferredFirst)
  const target = wanted === 'auto' ? known[0] : known.find((t) => t.name === wanted)
  if (target) return target
  throw new UsageError(`${folder}: has no module for ${wanted}, only for ${known.map((t) => t.name).join(', ')}`)
}

/** Loads the back end itself, so that help and usage errors do not wait for it. */
async function recordOrExplain(args: ProfileArguments, target: Target, manifest: Manifest, table: ProfileTable): Promise<Recording> {
  const { NoProfile, record } = await import('../profile/record.ts')
  try {
    return await record({ folder: args.bundle, target, manifest, table, runs: args.numRuns })
  } catch (error) {
    if (error instanceof NoProfile) throw new UsageError(`${args.bundle}: ${error.message}`, REBUILD)
    throw error
  }
}
