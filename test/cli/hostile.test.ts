/** Paths that are no models, data outside of the model's folder, and limits, through the command line. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onnxModel, onnxNode } from '../../compiler/onnx/encode.ts'
import { encodeModel, type Partially, type TensorProto } from '../../compiler/onnx/proto.ts'
import { hostile, relu } from '../onnx/hostile-models.ts'
import { CommandLine } from './spawn.ts'

const cli = new CommandLine()
afterAll(() => cli.remove())

function withExternal(fields: Readonly<Record<string, string>>): Uint8Array {
  const model = onnxModel({
    name: 'external',
    opset: 17,
    inputs: [{ name: 'x', shape: [1, 4] }],
    outputs: [{ name: 'y', shape: [1, 4] }],
    nodes: [onnxNode('Add', ['x', 'w'], ['y'], {}, 'n')],
  })
  const externalData = Object.entries(fields).map(([key, value]) => ({ key, value }))
  const initializer: Partially<TensorProto>[] = [{ name: 'w', dims: [1, 4], dataType: 1, dataLocation: 1, externalData }]
  return encodeModel({ ...model, graph: { ...model.graph, initializer } })
}

beforeAll(() => {
  writeFileSync(cli.path('good.onnx'), hostile({}))
  writeFileSync(cli.path('chain.onnx'), hostile({ nodes: [relu('x', 'a'), relu('a', 'b'), relu('b', 'y')] }))
  mkdirSync(cli.path('folder'))
  mkdirSync(cli.path('model'))
  writeFileSync(cli.path('outside.bin'), new Uint8Array(16))
  writeFileSync(cli.path('model/inside.bin'), new Uint8Array(16))
  symlinkSync('../outside.bin', cli.path('model/link.bin'))
  symlinkSync('..', cli.path('model/up'))
  symlinkSync('inside.bin', cli.path('model/alias.bin'))
  symlinkSync('/dev/zero', cli.path('model/zero.bin'))
  mkdirSync(cli.path('model/sub'))
  execFileSync('mkfifo', [cli.path('pipe.onnx'), cli.path('model/pipe.bin')])
  for (const path of ['huge.onnx', 'model/huge.bin']) {
    writeFileSync(cli.path(path), '')
    truncateSync(cli.path(path), 3 * 2 ** 30)
  }
})

describe('a path that is no model', () => {
  it.each([
    ['folder', 2, 'error: folder: is a folder, not a file\n'],
    ['pipe.onnx', 2, 'error: pipe.onnx: is a device or a pipe, not a file\n'],
    ['/dev/zero', 2, 'error: /dev/zero: is a device or a pipe, not a file\n'],
    ['missing.onnx', 2, 'error: missing.onnx: no such file or folder\n'],
    [
      'huge.onnx',
      3,
      'error[too-large]: huge.onnx is no ONNX model to be read: its 3221225472 bytes exceed the limit of 2147483647\n  hint: protobuf files have 2 GiB at most; --limit fileBytes=… sets another limit\n',
    ],
  ])('%s', async (path, code, stderr) => {
    expect(await cli.call('compile', path, '-o', 'out')).toEqual({ code, stdout: '', stderr })
    expect(existsSync(cli.path('out'))).toBe(false)
  })
})

describe('external data', () => {
  const hint = "\n  hint: external data is read only from files inside the model's own folder\n"
  it.each([
    ['../outside.bin', 'external data: path "../outside.bin" leads outside the model\'s folder'],
    ['sub/../../outside.bin', 'external data: path "sub/../../outside.bin" leads outside the model\'s folder'],
    ['/etc/hostname', 'external data: absolute path "/etc/hostname" is not allowed'],
    ['C:\\secret.bin', 'external data: absolute path "C:\\\\secret.bin" is not allowed'],
    ['\\\\server\\share', 'external data: absolute path "\\\\\\\\server\\\\share" is not allowed'],
    ['file:///etc/hostname', 'external data: URL "file:///etc/hostname" is not a path inside the model\'s folder'],
    ['https://example.org/w', 'external data: URL "https://example.org/w" is not a path inside the model\'s folder'],
    ['inside.bin\u0000.png', 'external data: invalid path "inside.bin\\u0000.png": null character'],
    ['link.bin', 'external data path "link.bin" is a link to a path outside the model\'s folder'],
    ['up/outside.bin', 'external data path "up/outside.bin" is a link to a path outside the model\'s folder'],
    ['zero.bin', 'external data path "zero.bin" is a link to a path outside the model\'s folder'],
    ['pipe.bin', 'external data path "pipe.bin" is a directory or device, not a file'],
    ['sub', 'external data path "sub" is a directory or device, not a file'],
    ['.', 'external data path "." is outside the model\'s folder'],
    ['missing.bin', 'external data path "missing.bin" is not found'],
    ['huge.bin', 'external data path "huge.bin" has 3221225472 bytes, more than the 2147483647 that the limit on external data leaves'],
  ])('%s is not read', async (location, problem) => {
    writeFileSync(cli.path('model/m.onnx'), withExternal({ location }))
    const { code, stderr } = await cli.call('compile', 'model/m.onnx', '-o', 'out')
    const label = problem.startsWith('external data:') ? 'initializer "w": ' : ''
    expect(stderr).toBe(`error[external-data]: Add "n" (ai.onnx opset 17): ${label}${problem}${hint}`)
    expect(code).toBe(3)
    expect(existsSync(cli.path('out'))).toBe(false)
  })

  it.each([
    [{ offset: '1' }, 'offset 1 + length 16 exceed the size of "inside.bin", 16 bytes'],
    [{ offset: '-1' }, 'offset "-1" is an invalid number: neither negative nor huge ones are allowed'],
    [{ offset: '18446744073709551615' }, 'offset "18446744073709551615" is an invalid number: neither negative nor huge ones are allowed'],
    [{ offset: '0x10' }, 'offset "0x10" is an invalid number: neither negative nor huge ones are allowed'],
    [{ length: '4' }, 'length 4 differs from the size of the tensor, 16 bytes'],
    [{ length: '1e3' }, 'length "1e3" is an invalid number: neither negative nor huge ones are allowed'],
  ])('%o is refused', async (fields, problem) => {
    writeFileSync(cli.path('model/m.onnx'), withExternal({ location: 'inside.bin', ...fields } as Record<string, string>))
    const { code, stderr } = await cli.call('compile', 'model/m.onnx', '-o', 'out')
    expect([code, stderr]).toEqual([
      3,
      `error[external-data]: Add "n" (ai.onnx opset 17): initializer "w": external data: ${problem}${hint}`,
    ])
  })

  it.each(['inside.bin', 'alias.bin', './inside.bin'])('%s is read', async (location) => {
    writeFileSync(cli.path('model/m.onnx'), withExternal({ location }))
    expect(await cli.call('inspect', 'model/m.onnx', '--quiet')).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('--limit', () => {
  it.each(['compile', 'inspect'])('%s: below what the model needs', async (command) => {
    const { code, stderr } = await cli.call(command, 'chain.onnx', '--limit', 'nodes=2', ...(command === 'compile' ? ['-o', 'out'] : []))
    expect([code, stderr]).toEqual([3, 'error[unsupported-model]: 3 nodes exceed the limit of 2\n'])
  })

  it('what the model needs, with units and more than once', async () => {
    const limits = ['--limit', 'nodes=3', '--limit', 'memoryBytes=64KiB']
    expect(await cli.call('compile', 'chain.onnx', '-o', 'limited', '--quiet', ...limits)).toMatchObject({ code: 0, stderr: '' })
    const { code, stderr } = await cli.call('compile', 'chain.onnx', '-o', 'out', '--limit', 'fileBytes=0KB')
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/^error\[too-large\]: chain.onnx is no ONNX model to be read: its \d+ bytes exceed the limit of 0\n/),
    ])
  })

  it.each([
    ['node=3', 'error: --limit node=3: there is no limit "node"\n  hint: did you mean nodes?\n'],
    ['nodes=many', 'error: --limit nodes=many: expected name=number\n  hint: for example --limit nodes=100000\n'],
    ['nodes=-1', 'error: --limit nodes=-1: expected name=number\n  hint: for example --limit nodes=100000\n'],
    [
      '__proto__=1',
      expect.stringMatching(/^error: --limit __proto__=1: there is no limit "__proto__"\n {2}hint: limits: fileBytes, nodes/),
    ],
  ])('%s is refused', async (limit, stderr) => {
    expect(await cli.call('compile', 'good.onnx', '-o', 'out', '--limit', limit)).toEqual({ code: 2, stdout: '', stderr })
  })
})
