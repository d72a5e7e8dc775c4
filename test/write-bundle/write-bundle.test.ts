import { spawnSync } from 'node:child_process'
import fs, { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Bundle } from '../../compiler/bundle/bundle.ts'
import { ForeignFiles, writeBundle } from '../../compiler/bundle/write-bundle.ts'
import { fakeBundle } from '../loader/fake.ts'

const root = mkdtempSync(join(tmpdir(), 'write-'))
const place = (name: string): string => join(root, name)
const all = fakeBundle()
const one = fakeBundle({ targets: ['scalar'] })

afterAll(() => rmSync(root, { recursive: true }))

function names(bundle: Bundle, ...others: string[]): string[] {
  return [...bundle.files.keys(), ...others].sort()
}

it('replaces an earlier bundle, removes what is no longer part of it, and leaves the rest', () => {
  const dir = place('a/b')
  writeBundle(all, dir)
  expect(readdirSync(dir).sort()).toEqual(names(all))
  writeFileSync(join(dir, 'model.other.wasm'), 'mine')
  writeBundle(one, dir)
  expect(readdirSync(dir).sort()).toEqual(names(one, 'model.other.wasm'))
  writeBundle(all, dir)
  expect(readdirSync(dir).sort()).toEqual(names(all, 'model.other.wasm'))
  expect(readFileSync(join(dir, 'manifest.json'))).toEqual(all.files.get('manifest.json'))
})

it('takes the weights away where a single file replaces them', () => {
  const dir = place('single')
  const single = fakeBundle({ singleFile: true })
  for (const bundle of [all, single, all]) {
    writeBundle(bundle, dir)
    expect(readdirSync(dir).sort()).toEqual(names(bundle))
    expect(readdirSync(dir).includes('weights.bin')).toBe(bundle === all)
  }
})

it('touches nothing where foreign files are in the way', () => {
  const dir = place('project')
  mkdirSync(dir)
  for (const name of ['package.json', 'manifest.json']) writeFileSync(join(dir, name), '{"name": "mine"}')
  expect(() => writeBundle(one, dir)).toThrow(ForeignFiles)
  expect(() => writeBundle(one, dir)).toThrow('holds package.json, manifest.json, which no earlier bundle wrote')
  expect(readdirSync(dir)).toEqual(['manifest.json', 'package.json'])
})

it('takes no path from a manifest', () => {
  const dir = place('hostile')
  writeBundle(one, dir)
  writeFileSync(place('victim'), 'precious')
  const manifest = JSON.parse(readFileSync(join(dir, 'manifest.json'), 'utf8'))
  manifest.files['../victim'] = { bytes: 1, sha384: '' }
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest))
  writeBundle(one, dir)
  expect(readFileSync(place('victim'), 'utf8')).toBe('precious')
})

it('leaves no trace where writing fails', () => {
  const broken = { ...one, files: new Map([...one.files, ['no/such/folder.js', new Uint8Array(1)]]) }
  expect(() => writeBundle(broken, place('new/folder'))).toThrow(/ENOENT/)
  expect(existsSync(place('new'))).toBe(false)
  const dir = place('kept')
  writeBundle(all, dir)
  expect(() => writeBundle(broken, dir)).toThrow(/ENOENT/)
  expect(readdirSync(dir).sort()).toEqual(names(all))
})

/** The folder's files and what is in them. */
function contents(dir: string): Record<string, string> {
  return Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), 'base64')]))
}

type Call = 'writeFileSync' | 'linkSync' | 'copyFileSync' | 'renameSync'

/** The file system refuses the call of this kind that comes after `calls` others. */
function whileFailing(kind: Call, calls: number, work: () => void): void {
  const original = fs[kind] as (...operands: unknown[]) => void
  let left = calls
  const failing = (...operands: unknown[]): void => {
    if (left-- === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    original(...operands)
  }
  Object.assign(fs, { [kind]: failing })
  syncBuiltinESMExports()
  try {
    work()
  } finally {
    Object.assign(fs, { [kind]: original })
    syncBuiltinESMExports()
  }
}

it.each(['writeFileSync', 'renameSync'] as const)('leaves the folder as it was where any %s fails', (kind) => {
  const dir = place(`failing-${kind}`)
  writeBundle(one, dir)
  writeFileSync(join(dir, 'mine.txt'), 'mine')
  const before = contents(dir)
  for (let calls = 0; calls < all.files.size; calls++) {
    whileFailing(kind, calls, () => expect(() => writeBundle(all, dir)).toThrow(/ENOSPC/))
    expect(contents(dir)).toEqual(before)
    whileFailing(kind, calls, () => expect(() => writeBundle(all, place('absent'))).toThrow(/ENOSPC/))
    expect(existsSync(place('absent'))).toBe(false)
  }
})

it('replaces where the file system knows no links, or fails as a whole', () => {
  const dir = place('no-links')
  writeBundle(one, dir)
  const before = contents(dir)
  whileFailing('linkSync', 0, () => whileFailing('copyFileSync', 0, () => expect(() => writeBundle(all, dir)).toThrow(/ENOSPC/)))
  expect(contents(dir)).toEqual(before)
  whileFailing('linkSync', 0, () => writeBundle(all, dir))
  expect(readdirSync(dir).sort()).toEqual(names(all))
})

it('removes what a killed process left, but nothing of another or of the user', () => {
  const dir = place('killed')
  writeBundle(one, dir)
  const gone = spawnSync(process.execPath, ['-e', '']).pid
  const left = [`.index.js.${gone}.new`, `.weights.bin.${gone}.old`, `.index.js.${process.pid}.new`]
  const stay = [`.index.js.${process.ppid}.new`, `.index.js.${gone}.tmp`, `index.js.${gone}.new`]
  for (const name of [...left, ...stay]) writeFileSync(join(dir, name), '')
  writeBundle(all, dir)
  expect(readdirSync(dir).sort()).toEqual(names(all, ...stay))
})
