import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeBundle } from '../loader/fake.ts'
import { removeFolders, writeFiles } from '../loader/folder.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const ATTW = join(ROOT, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js')

let parent: string

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'packages-'))
})

afterAll(() => {
  rmSync(parent, { recursive: true })
  removeFolders()
})

/** The package as a registry would have it, unpacked. `prepare` has built it before the tests. */
function packed(folder: string): { folder: string; tarball: string } {
  const to = mkdtempSync(join(parent, 'packed-'))
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', to], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const tarball = join(to, readdirSync(to)[0] as string)
  execFileSync('tar', ['-xzf', tarball, '-C', to])
  return { folder: join(to, 'package'), tarball }
}

async function lint(folder: string): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: folder, pack: false, strict: true })
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code)
}

/** What attw says where it is not content; ESM is all there is. */
function typeProblems(tarball: string): string {
  try {
    execFileSync(process.execPath, [ATTW, tarball, '--profile', 'esm-only', '--no-color', '--no-definitely-typed'], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return ''
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

describe('package checkers are content with', () => {
  it('the compiler', async () => {
    const { folder, tarball } = packed(ROOT)
    expect(await lint(folder)).toEqual([])
    expect(typeProblems(tarball)).toBe('')
  })

  it.each([
    ['a bundle', false],
    ['a bundle as a single file', true],
  ])('%s', async (_, singleFile) => {
    const written = writeFiles(fakeBundle({ singleFile }))
    const { folder, tarball } = packed(written)
    expect(await lint(folder)).toEqual([])
    expect(readdirSync(folder).sort()).toEqual(readdirSync(written).sort())
    expect(typeProblems(tarball)).toBe('')
  })
})
