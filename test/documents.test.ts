import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const ROOMS = ['ir', 'runtime-as', 'targets', 'compiler']
const ARCHITECTURE = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
const CONTRIBUTING = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')

/** Source files, but for what a build wrote. */
const SOURCES = ROOMS.flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('generated.ts'))
    .map((file) => join(room, file)),
)

const quoted = (text: string): string[] =>
  [...text.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`]+)`/g)].map(([, inside]) => inside as string)

const rowsOf = (document: string, columns: number): string[][] =>
  document
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').slice(1, -1))
    .filter((cells) => cells.length === columns)

/** `fold-pad` is also called foldPad and fold_pad; what is in quotes is meant to the letter. */
function spellings(example: string): RegExp {
  const words = example.split('-')
  const camel = words.map((word, i) => (i === 0 ? word : word[0]?.toUpperCase() + word.slice(1))).join('')
  const names = example.startsWith("'") ? [example] : [`\\b${example}\\b`, `\\b${camel}\\b`, `\\b${words.join('_')}\\b`]
  return new RegExp(names.join('|'))
}

describe('ARCHITECTURE.md', () => {
  it('names every folder that holds sources, and no other', () => {
    const named = rowsOf(ARCHITECTURE, 2).flatMap(([folder]) => quoted(folder as string))
    const folders = [...new Set(SOURCES.map(dirname))]
    expect(named.filter((name) => name !== 'folder').sort()).toEqual(folders.sort())
  })

  it('names files that exist', () => {
    const files = quoted(ARCHITECTURE).filter((name) => /^[\w/-]+\/[\w-]+\.ts$/.test(name))
    const known = (file: string): boolean =>
      SOURCES.some((source) => source === file || source.endsWith(`/${file}`)) || file.startsWith('test/')
    expect(files.filter((file) => !known(file))).toEqual([])
    expect(files.length).toBeGreaterThan(10)
  })
})

describe('CONTRIBUTING.md', () => {
  const recipes = rowsOf(CONTRIBUTING, 3).filter(([, , files]) => quoted(files as string).length > 0)

  it('has a recipe for all that is added often', () => {
    expect(recipes.length).toBe(6)
  })

  for (const [what = '', example = '', files = ''] of recipes) {
    it(`lists the files that${what}touches`, () => {
      const pattern = spellings(quoted(example)[0] as string)
      const touched = SOURCES.filter((file) => pattern.test(readFileSync(join(ROOT, file), 'utf8')))
      expect(touched.sort()).toEqual(quoted(files).sort())
    })
  }

  it('names commands and files that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const commands = [...CONTRIBUTING.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name as string)
    expect(commands.filter((name) => !(name in scripts))).toEqual([])
    const files = quoted(CONTRIBUTING).filter((name) => /^(?:ir|runtime-as|targets|compiler|test)\/[\w/-]+\.ts$/.test(name))
    const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).map((file) => join('test', file))
    expect(files.filter((file) => !SOURCES.includes(file) && !tests.includes(file))).toEqual([])
  })
})
