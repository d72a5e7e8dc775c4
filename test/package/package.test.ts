/** What the package promises about what it brings along. */

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

interface Locked {
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly peer?: boolean
  readonly license?: string
  readonly hasInstallScript?: boolean
}

const { scripts, dependencies } = JSON.parse(read('package.json')) as Record<'scripts' | 'dependencies', Record<string, string>>
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }
/** Everything that an installation without development dependencies brings. */
const installed = Object.entries(packages).filter(([path, p]) => path !== '' && !p.dev && !p.devOptional && !p.peer)

it('runs nothing when it is installed, nor do its dependencies', () => {
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([])
  expect(installed.filter(([, p]) => p.hasInstallScript)).toEqual([])
})

it('depends on permissive licences only', () => {
  expect(installed.length).toBeGreaterThan(10)
  expect(installed.filter(([, { license }]) => !/^(MIT|ISC|BSD-3-Clause|Apache-2\.0)$/.test(license ?? ''))).toEqual([])
})

it('lists every dependency with its licence in SECURITY.md', () => {
  const [, list = ''] = read('SECURITY.md').split('| package | for | licence |')
  const rows = [...list.matchAll(/^\| ([\w-]+(?:, [\w-]+)*) \| [^|]+ \| ([^|]+) \|$/gm)]
  const listed = rows.flatMap(([, names = '', licenses = '']) => {
    const each = licenses.split(', ')
    return names.split(', ').map((name, i) => [name, each[i]])
  })
  const direct = Object.keys(dependencies).map((name) => [name, packages[`node_modules/${name}`]?.license])
  expect(listed.sort()).toEqual(direct.sort())
})
