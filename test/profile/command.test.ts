/** The profiling build and the command, on a small network. Times are not judged. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { CommandModule } from 'yargs'
import yargs from 'yargs'
import type { Bundle } from '../../compiler/bundle/bundle.ts'
import { type ProfileTable, parseProfileTable } from '../../compiler/bundle/profile-table.ts'
import { writeBundle } from '../../compiler/bundle/write-bundle.ts'
import { exitCodeOf, UsageError } from '../../compiler/cli/errors.ts'
import { profileCommand } from '../../compiler/cli/profile.ts'
import { compile } from '../../compiler/index.ts'
import type { Profile } from '../../compiler/profile/analyse.ts'
import { instantiateProfiled } from '../../compiler/profile/record.ts'
import type { Trace } from '../../compiler/profile/trace.ts'
import { createModel } from '../../compiler/zoo/index.ts'
import type { TargetName } from '../../targets/target/target.ts'

const TARGETS: readonly TargetName[] = ['scalar', 'simd128', 'relaxed-simd']
const root = mkdtempSync(join(tmpdir(), 'profile-'))
const profiled = join(root, 'profiled')
const plain = join(root, 'plain')
const model = createModel('mobilenet-v2', { width: 0.25, resolution: 32, classes: 5, seed: 3 })
let profiledBundle: Bundle
let plainBundle: Bundle

beforeAll(async () => {
  profiledBundle = await compile(model, { targets: TARGETS, profile: true })
  plainBundle = await compile(model, { targets: ['simd128'], profile: false })
  writeBundle(profiledBundle, profiled)
  writeBundle(plainBundle, plain)
})
afterAll(() => rmSync(root, { recursive: true }))

function tableOf(bundle: Bundle): ProfileTable {
  return parseProfileTable(Buffer.from(bundle.files.get('profile.json') as Uint8Array).toString()) as ProfileTable
}

describe('the profiling build', () => {
  test.each(TARGETS)('all steps of %s in order are a run, bit for bit', async (target) => {
    const { run, step, outputs } = await instantiateProfiled(profiled, target)
    const bits = (): Uint8Array[] => outputs.map((o) => new Uint8Array(o.buffer, o.byteOffset, o.byteLength).slice())
    run()
    const whole = bits()
    expect(outputs[0]?.some((x) => x !== outputs[0]?.[0])).toBe(true)
    for (const output of outputs) output.fill(7 as never)
    const count = tableOf(profiledBundle).targets[target]?.steps.length as number
    for (let i = 0; i < count; i++) step(i)
    expect(bits()).toEqual(whole)
  })

  test('its table lists the steps of every target, whose multiply-adds are the network', () => {
    const { targets } = tableOf(profiledBundle)
    expect(Object.keys(targets).sort()).toEqual([...TARGETS].sort())
    const sums = Object.values(targets).map(({ steps }) => steps.reduce((sum, s) => sum + s.macs, 0))
    expect(new Set(sums).size).toBe(1)
    expect(sums[0]).toBeGreaterThan(0)
    const nodes = Object.values(targets).map(({ steps }) => [...new Set(steps.flatMap((s) => s.origins))].sort())
    expect(nodes[0]).toContain('/classifier/Gemm')
    for (const names of nodes) expect(names).toEqual(nodes[0])
  })

  test('only it has a table and exports steps', async () => {
    expect(plainBundle.files.has('profile.json')).toBe(false)
    expect(Buffer.from(plainBundle.files.get('package.json') as Uint8Array).toString()).not.toContain('profile')
    const absent = await compile(model, { targets: ['simd128'] })
    for (const [name, bytes] of absent.files) expect(Buffer.from(bytes).equals(plainBundle.files.get(name) as Uint8Array), name).toBe(true)
    await expect(instantiateProfiled(plain, 'simd128')).rejects.toThrow('exports no step')
  })
})

describe('a table of steps', () => {
  test.each([
    'nonsense',
    '[]',
    '{"targets": {"simd128": {}}}',
    '{"targets": {"simd128": {"steps": [{"kernel": "k", "origins": [1], "macs": 0, "traffic": 0}]}}}',
    '{"targets": {"simd128": {"steps": [{"kernel": "k", "origins": [], "macs": -1, "traffic": 0}]}}}',
  ])('is not %s', (text) => {
    expect(parseProfileTable(text)).toBeNull()
  })
})

interface Run {
  readonly stdout: string
  readonly error: unknown
}

async function run(...args: readonly string[]): Promise<Run> {
  let stdout = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text
    return true
  })
  const notes = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  try {
    await yargs([...args])
      .option('json', { type: 'boolean' })
      .command(profileCommand as CommandModule)
      .exitProcess(false)
      .fail((message, error) => {
        throw error && error.name !== 'YError' ? error : new UsageError(error?.message ?? message)
      })
      .parseAsync()
    return { stdout, error: null }
  } catch (error) {
    return { stdout, error }
  } finally {
    write.mockRestore()
    notes.mockRestore()
  }
}

describe('profile', () => {
  test.each(['scalar', 'simd128'] as const)('reports every step of %s as JSON', async (target) => {
    const { stdout, error } = await run('profile', profiled, '--target', target, '--num-runs', '2', '--json')
    expect(error).toBeNull()
    const profile: Profile = JSON.parse(stdout)
    expect(profile).toMatchObject({ bundle: 'profiled', target, runs: 2 })
    const steps = tableOf(profiledBundle).targets[target]?.steps
    expect(profile.layers.map((l) => [l.kernel, l.nodes, l.macs, l.bytes])).toEqual(
      steps?.map((s) => [s.kernel, s.origins, s.macs, s.traffic]),
    )
    for (const { gmacPerS } of [profile.ceilings, profile.totals]) expect(gmacPerS).toBeGreaterThan(0)
  })

  test('prints a table, of the best target, and writes a report and a trace', async () => {
    const [page, trace] = [join(root, 'r.html'), join(root, 't.json')]
    const { stdout, error } = await run('profile', profiled, '--num-runs', '2', '--output', page, '--output', trace)
    expect(error).toBeNull()
    expect(stdout).toMatch(/relaxed-simd, 2 runs/)
    expect(stdout).toMatch(/layer +kernel +median +min +share +GMAC\/s +bytes +bound +of ceiling/)
    expect(stdout).toMatch(/steps .* against a whole run/)
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/)
    const { traceEvents }: Trace = JSON.parse(readFileSync(trace, 'utf8'))
    expect(traceEvents.filter((e) => e.name === 'whole run').length).toBe(2)
  })

  test.each<[string, () => readonly string[], RegExp]>([
    ['a bundle that is not made for it', () => [plain], /is not a profiling build\n {2}hint: .*--profile/],
    ['a folder that is no bundle', () => [root], /is not a bundle, it has no manifest.json/],
    ['a target that the bundle lacks', () => [join(root, 'one'), '--target', 'scalar'], /has no module for scalar, only for simd128/],
    ['no runs', () => [profiled, '--num-runs', '0'], /--num-runs 0: expected an integer/],
    ['half a run', () => [profiled, '--num-runs', '1.5'], /--num-runs 1.5: expected an integer/],
    ['an output of unknown kind', () => [profiled, '--output', 'profile.txt'], /expected a name that ends in .html or .json/],
    [
      'a place that cannot be written',
      () => [profiled, '--num-runs', '1', '--output', join(root, 'no', 'r.html')],
      /no such file or folder/,
    ],
  ])('refuses %s as a matter of usage', async (_, args, message) => {
    if (!existsSync(join(root, 'one'))) writeBundle(await compile(model, { targets: ['simd128'], profile: true }), join(root, 'one'))
    const { stdout, error } = await run('profile', ...args())
    expect(String(error)).toMatch(message)
    expect(exitCodeOf(error)).toBe(2)
    expect(stdout).toBe('')
  })

  test('refuses a table that is not the bundle’s', async () => {
    const folder = join(root, 'tampered')
    writeBundle(profiledBundle, folder)
    writeFileSync(join(folder, 'profile.json'), '{"targets": {}}')
    const { error } = await run('profile', folder)
    expect(String(error)).toMatch(/is not the file that the bundle was made with/)
    expect(exitCodeOf(error)).toBe(2)
  })
})
