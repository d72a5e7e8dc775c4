/** A compile that is broken off, or for which there is no room, leaves a whole bundle or none. */

import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createModel } from '../../compiler/zoo/index.ts'
import { CommandLine, type Outcome } from './spawn.ts'

const cli = new CommandLine()
const FILES = 10

beforeAll(async () => {
  await cli.build()
  writeFileSync(cli.path('m.onnx'), createModel('mobilenet-v2', { width: 0.1, resolution: 16, classes: 4 }))
})

afterAll(() => cli.remove())

/** Compiles in a process in which `code` runs before the call of `operation` that comes after `calls` others. */
function compileWhile(folder: string, operation: 'renameSync' | 'writeFileSync', calls: number, code: string): Outcome {
  const preload = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const original = fs.${operation}
let left = ${calls}
fs.${operation} = (...operands) => {
  if (left-- === 0) { ${code} }
  return original(...operands)
}
syncBuiltinESMExports()
`
  writeFileSync(cli.path('preload.mjs'), preload)
  const environment = { NODE_OPTIONS: `--import ${pathToFileURL(cli.path('preload.mjs'))}` }
  return cli.runWith(environment, 'm.onnx', '-o', folder, '--target', 'scalar', '--quiet')
}

it('an interrupt while files are put in place waits for the last', () => {
  const { code, stderr } = compileWhile('interrupted', 'renameSync', 2, `process.kill(process.pid, 'SIGINT')`)
  expect([code, stderr]).toEqual([null, ''])
  expect(readdirSync(cli.path('interrupted'))).toContain('manifest.json')
  expect(readdirSync(cli.path('interrupted'))).toHaveLength(FILES)
})

it("a compile that was killed is in nobody's way, and touches nothing that it did not write", () => {
  const { code } = compileWhile('killed', 'renameSync', 2, `process.kill(process.pid, 'SIGKILL')`)
  const left = readdirSync(cli.path('killed'))
  expect([code, left.filter((name) => !name.startsWith('.')).length]).toEqual([null, 2])
  writeFileSync(cli.path('killed/index.d.ts'), 'mine')
  const refused = cli.run('m.onnx', '-o', 'killed', '--target', 'scalar')
  expect(refused.stderr).toMatch(/^error: killed holds index\.d\.ts, which no earlier bundle wrote\n/)
  expect(readdirSync(cli.path('killed')).sort()).toEqual([...left, 'index.d.ts'].sort())
  rmSync(cli.path('killed/index.d.ts'))
  expect(cli.run('m.onnx', '-o', 'killed', '--target', 'scalar').code).toBe(0)
  expect(readdirSync(cli.path('killed'))).toHaveLength(FILES)
})

it.each([
  ['ENOSPC', 'no space left'],
  ['EROFS', 'the file system is read-only'],
])('%s is an error of one line, and leaves nothing', (error, message) => {
  const { code, stdout, stderr } = compileWhile('full/er', 'writeFileSync', 3, `throw Object.assign(new Error(), { code: '${error}' })`)
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `error: full/er: ${message}\n` })
  expect(existsSync(cli.path('full'))).toBe(false)
})
