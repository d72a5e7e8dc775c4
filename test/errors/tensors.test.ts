/** What a person reads where stored elements, external files or local functions are not as they should be. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { importModel } from '../../compiler/import/import.ts'
import { onnxAttribute } from '../../compiler/onnx/encode.ts'
import { externalDataBeside } from '../../compiler/onnx/external.ts'
import {
  decodeModel,
  encodeModel,
  encodeTensorProto,
  type FunctionProto,
  int64Halves,
  type Partially,
  type TensorProto,
} from '../../compiler/onnx/proto.ts'
import { type ExternalData, readTensorProto } from '../../compiler/onnx/tensor.ts'
import { Diagnostic } from '../../ir/diagnostics.ts'
import { bytesOf, counting, refusal, type TestNode } from '../onnx/model.ts'

function refused(act: () => unknown): string {
  try {
    act()
    return 'accepted'
  } catch (error) {
    if (error instanceof Diagnostic) return error.format()
    throw error
  }
}

describe('stored elements', () => {
  const read = (proto: Partially<TensorProto>): string =>
    refused(() => readTensorProto(encodeTensorProto({ name: 't', dims: [2], dataType: 1, ...proto })))
  const bytes = (length: number): Uint8Array => new Uint8Array(length)

  it.each<readonly [Partially<TensorProto>, string]>([
    [{ dataType: 0, rawData: bytes(8) }, 'element type undefined is unsupported'],
    [{ dataType: 8 }, 'element type string is unsupported'],
    [{ dims: [2, -1] }, 'negative dimension in [2,-1]'],
    [{ segment: { begin: 0, end: 1 } }, 'segment: tensors in segments are unsupported'],
    [{ dataLocation: 2 }, 'unknown data location 2'],
    [{ externalData: [{ key: 'location', value: 'w' }] }, 'external_data without data_location = EXTERNAL'],
    [{ rawData: bytes(8), floatData: [1, 2] }, 'has both raw_data and typed data'],
    [{ rawData: bytes(7) }, 'raw_data has a length of 7 bytes, float32 [2] needs 8'],
    [{ rawData: bytes(0) }, 'raw_data has a length of 0 bytes, float32 [2] needs 8'],
    [{ floatData: [1, 2, 3] }, 'has 3 data elements, float32 [2] needs a size of 2'],
    [{ int32Data: [1, 2] }, 'has 0 data elements, float32 [2] needs a size of 2'],
  ])('%j: %s', (proto, message) => {
    expect(read(proto)).toBe(`error[invalid-tensor]: tensor "t": ${message}`)
  })

  it('of more dimensions or elements than anything has', () => {
    expect(read({ dims: new Array(17).fill(1) })).toBe(
      'error[too-large]: tensor "t": rank 17: shapes of more than 16 dimensions are unsupported',
    )
    expect(read({ dims: [2 ** 20, 2 ** 20] })).toBe(
      'error[too-large]: tensor "t": dimensions [1048576,1048576] are too large: more than 268435456 elements',
    )
    expect(read({ dims: [2 ** 40, 0] })).toBe(
      'error[too-large]: tensor "t": dimensions [1099511627776,0] are too large: more than 268435456 elements',
    )
  })

  it('of 64 bits without a sign', () => {
    const typed = encodeTensorProto({ dims: [2], dataType: 13, uint64Data: [int64Halves(-1n, true), 7] })
    expect(readTensorProto(typed).data).toEqual(BigUint64Array.of(2n ** 64n - 1n, 7n))
  })

  it('in a file that is no tensor', () => {
    expect(refused(() => readTensorProto(Uint8Array.of(0x0a, 0xff)))).toMatch(
      /^error\[invalid-model\]: not an ONNX model: protobuf parsing failed \(.*\); the file is truncated or damaged, or no ONNX tensor$/,
    )
  })
})

const folder = mkdtempSync(join(tmpdir(), 'messages-'))
afterAll(() => rmSync(folder, { recursive: true }))
mkdirSync(join(folder, 'model', 'sub'), { recursive: true })
writeFileSync(join(folder, 'secret'), new Uint8Array(8))
writeFileSync(join(folder, 'model', 'w'), new Uint8Array(16))
symlinkSync(join(folder, 'secret'), join(folder, 'model', 'link'))
symlinkSync('loop', join(folder, 'model', 'loop'))
const HINT = "\n  hint: external data is read only from files inside the model's own folder"

describe('external data', () => {
  const stored = (entries: readonly (readonly [string, string])[], externalData?: ExternalData): string => {
    const tensor = { name: 'c', dims: [2], dataType: 1, dataLocation: 1, externalData: entries.map(([key, value]) => ({ key, value })) }
    const model = decodeModel(
      bytesOf({
        inputs: { x: counting([2]) },
        nodes: [{ op: 'Add', in: ['x', 'c'], out: ['y'], name: 'n' }],
        constants: { c: counting([2]) },
      }),
    )
    const bytes = encodeModel({ ...model, graph: { ...model.graph, initializer: [tensor] } })
    return refused(() => importModel(bytes, externalData ? { externalData } : {}))
  }
  const read = externalDataBeside(join(folder, 'model', 'm.onnx'))
  const text = (message: string): string =>
    `error[external-data]: Add "n" (ai.onnx opset 17): initializer "c": external data: ${message}${HINT}`

  it.each([
    ['', 'the path (location) is missing'],
    ['a\0b', 'invalid path "a\\u0000b": null character'],
    ['/etc/passwd', 'absolute path "/etc/passwd" is not allowed'],
    ['\\\\host\\w', 'absolute path "\\\\\\\\host\\\\w" is not allowed'],
    ['C:w', 'absolute path "C:w" is not allowed'],
    ['https://host/w', 'URL "https://host/w" is not a path inside the model\'s folder'],
    ['sub/../../secret', 'path "sub/../../secret" leads outside the model\'s folder'],
    ['sub\\w', 'path "sub\\\\w" leads outside the model\'s folder'],
  ])('at %j', (location, message) => {
    expect(stored([['location', location]], read)).toBe(text(message))
  })

  it.each<readonly [readonly (readonly [string, string])[], string]>([
    [[['location', 'v']], 'duplicate "location" entry'],
    [[['offset', '-1']], 'offset "-1" is an invalid number: neither negative nor huge ones are allowed'],
    [[['length', '8e0']], 'length "8e0" is an invalid number: neither negative nor huge ones are allowed'],
    [[['length', '4']], 'length 4 differs from the size of the tensor, 8 bytes'],
    [[['offset', '9']], 'offset 9 + length 8 exceed the size of "w", 16 bytes'],
  ])('%j', (entries, message) => {
    expect(stored([['location', 'w'], ...entries], read)).toBe(text(message))
  })

  it('without a location', () => {
    expect(stored([['offset', '0']], read)).toBe(text('the path (location) is missing'))
  })

  it('needs someone to read it', () => {
    expect(stored([['location', 'w']])).toBe(text('is stored in "w", and no reader of external data was given'))
    expect(
      stored(
        [
          ['location', 'w'],
          ['offset', '8'],
          ['length', '8'],
          ['checksum', ''],
        ],
        read,
      ),
    ).toBe('accepted')
  })
})

describe('external files', () => {
  const read = externalDataBeside(join(folder, 'model', 'm.onnx'))
  const text = (name: string, problem: string): string =>
    `error[external-data]: external data path ${JSON.stringify(name)} ${problem}${HINT}`

  it.each([
    ['', 'is not a relative path'],
    ['a\0b', 'is not a relative path'],
    ['/etc/passwd', 'is not a relative path'],
    ['../secret', "is outside the model's folder"],
    ['..', "is outside the model's folder"],
    ['.', "is outside the model's folder"],
    ['link', "is a link to a path outside the model's folder"],
    ['sub', 'is a directory or device, not a file'],
    ['none', 'is not found'],
    ['w/x', 'is not found'],
    ['loop', 'cannot be read (ELOOP)'],
  ])('%j', (name, problem) => {
    expect(refused(() => read(name))).toBe(text(name, problem))
  })

  it('beside a model that is not there', () => {
    expect(refused(() => externalDataBeside(join(folder, 'none', 'm.onnx'))('w'))).toBe(text('w', 'is not found'))
  })
})

describe('local functions', () => {
  const body = { domain: 'f', input: ['a'], output: ['b'], attribute: ['alpha'], node: [{ opType: 'Neg', input: ['a'], output: ['b'] }] }
  const modelOf = (functions: readonly Partially<FunctionProto>[], call: Partial<TestNode> = {}): Uint8Array => {
    const nodes = [{ op: 'g', in: ['x'], out: ['y'], name: 'n', domain: 'f', ...call }]
    return encodeModel({ ...decodeModel(bytesOf({ inputs: { x: counting([2]) }, nodes })), functions })
  }
  const calls = (functions: readonly Partially<FunctionProto>[], call: Partial<TestNode> = {}): string => refusal(modelOf(functions, call))

  it('are called as they are declared', () => {
    const g = { ...body, name: 'g' }
    expect(calls([g])).toBe('accepted')
    expect(calls([g, g])).toBe('error[invalid-model]: duplicate local function "g"')
    expect(calls([{ ...g, output: ['a'] }])).toBe('error[invalid-model]: local function "g" returns its input "a"')
    const more = 'error[invalid-model]: node "n" passes more inputs or outputs than local function "g" has'
    expect(calls([g], { in: ['x', 'x'] })).toBe(more)
    expect(calls([g], { out: ['y', 'z'] })).toBe(more)
    expect(calls([g], { attrs: { beta: 1 } })).toBe('error[invalid-model]: local function "g" has no attribute "beta"')
  })

  it('end', () => {
    const g = { ...body, name: 'g', node: [{ opType: 'g', domain: 'f', input: ['a'], output: ['b'] }] }
    expect(calls([g])).toBe('error[unsupported-model]: function "g" is recursive, or calls nest deeper than 64')
    const twice = (name: string, callee: string): Partially<FunctionProto> => ({
      ...body,
      name,
      node: ['t', 'b'].map((output) => ({ opType: callee, domain: 'f', input: ['a'], output: [output] })),
    })
    const model = modelOf([twice('g', 'h'), twice('h', 'i'), { ...body, name: 'i' }])
    expect(refused(() => importModel(model, { limits: { nodes: 9 } }))).toBe(
      'error[unsupported-model]: the expansion of local functions exceeds the limit of 9 nodes',
    )
    expect(refused(() => importModel(model, { limits: { nodes: 11 } }))).toBe('accepted')
  })

  it('may leave out inputs, outputs and attributes, and have none', () => {
    const g: Partially<FunctionProto> = {
      domain: 'ai.onnx',
      name: 'g',
      input: ['a', 'unused'],
      output: ['b', 'c'],
      attributeProto: [onnxAttribute('slope', { float: 0.5 })],
      attribute: ['other'],
      node: [
        {
          opType: 'LeakyRelu',
          input: ['a'],
          output: ['b'],
          attribute: [
            { name: 'alpha', type: 1, refAttrName: 'slope' },
            { name: 'absent', type: 1, refAttrName: 'other' },
          ],
        },
        { opType: 'Clip', name: 'clip', input: ['a', '', ''], output: ['c'] },
      ],
    }
    expect(calls([g], { domain: '', name: '' })).toBe('accepted')
    expect(calls([{ ...g, domain: '' }], { domain: 'ai.onnx', out: ['y', ''] })).toBe('accepted')
  })
})
