/** A short run of the byte fuzzer, and every file that it found once. */

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { onlyInFull } from '../run/short-form.ts'
import { attempt, runBytes } from './bytes/index.ts'
import { seedModels } from './bytes/seeds.ts'
import { parse, write } from './bytes/wire.ts'

const FOUND = new URL('found/bytes/', import.meta.url).pathname
const found = existsSync(FOUND) ? readdirSync(FOUND) : []

describe('damaged models end in a graph or a diagnostic', () => {
  it('3000 random ones', () => {
    const lines: string[] = []
    const { failures } = runBytes({
      seed: 2026,
      from: 0,
      count: 3000,
      compileEvery: 100,
      folder: join(tmpdir(), 'fuzz-found'),
      log: (line) => lines.push(line),
    })
    expect(failures, lines.join('\n')).toEqual([])
  })

  it('models cut off anywhere', () => {
    const small = seedModels().filter((model) => model.length < 2000)
    for (const model of small.slice(0, 12).concat(small.slice(-4))) {
      for (let length = 0; length < model.length; length++) expect(attempt(model.slice(0, length), false)).not.toHaveProperty('problem')
    }
  })

  it.each(found)('%s', (name) => {
    expect(attempt(readFileSync(join(FOUND, name)), true)).not.toHaveProperty('problem')
  })

  if (onlyInFull(20_000))
    it('20000 in a process of their own, within 512 MB', () => {
      const root = new URL('../..', import.meta.url).pathname
      const args = ['test/fuzz/run.mjs', '--kind', 'bytes', '--count', '20000', '--seed', '2027', '--save', join(tmpdir(), 'fuzz-found')]
      const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
      expect(status, stdout).toBe(0)
    }, 1_200_000)
})

it('models are written as they were read', () => {
  for (const bytes of seedModels()) expect(Buffer.compare(write(parse(bytes, 'ModelProto')), bytes)).toBe(0)
})
