/** What a person reads where options of `compile` are wrong, and where a whole network asks for too much. */

import { describe, expect, it } from 'vitest'
import { type CompileOptions, compile } from '../../compiler/index.ts'
import { DEFAULT_LIMITS, type Limits } from '../../compiler/limits/limits.ts'
import { readNpy } from '../../compiler/running/npy.ts'
import { Diagnostic } from '../../ir/diagnostics.ts'
import { bytesOf, counting } from '../onnx/model.ts'

const model = bytesOf({ inputs: { x: counting([1, 3]) }, nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }] })

async function refused(options: object, bytes: unknown = model): Promise<string> {
  try {
    await compile(bytes as Uint8Array, { targets: ['scalar'], ...(options as CompileOptions) })
    return 'accepted'
  } catch (error) {
    return error instanceof Diagnostic ? error.format() : String(error)
  }
}

describe('arguments', () => {
  it.each<readonly [object, string]>([
    [{ targets: [] }, 'targets: expected some of scalar, simd128, relaxed-simd'],
    [{ targets: ['threads'] }, 'targets: expected some of scalar, simd128, relaxed-simd'],
    [{ targets: 'scalar' }, 'targets: expected some of scalar, simd128, relaxed-simd'],
    [{ weights: 'f8' }, "weights: expected 'f32' or 'f16'"],
    [{ inputShapes: { x: [1, 3] } }, 'inputShapes: expected an array of { name, shape }'],
    [{ preprocess: 'torch' }, 'preprocess: expected torchvision, tensorflow, none or an object'],
    [{ labels: 'cat' }, 'labels: expected an array of strings'],
    [{ limits: { nodes: 0.5 } }, 'limits: nodes must be an integer of at least 0'],
    [{ limits: { depth: 1 } as Partial<Limits> }, `limits: there is no depth, only ${Object.keys(DEFAULT_LIMITS).join(', ')}`],
  ])('%j', async (options, message) => {
    expect(await refused(options)).toBe(`TypeError: ${message}`)
  })

  it('that are no model', async () => {
    expect(await refused({}, 'm.onnx')).toBe('TypeError: model: expected a Uint8Array with the bytes of an ONNX file')
  })
})

describe('networks', () => {
  it('that need too much memory', async () => {
    expect(await refused({ limits: { memoryBytes: 31 } })).toBe(
      'error[too-large]: the compiled network needs 36 bytes of memory (4 for weights, 32 for activations), more than the limit of 31\n  hint: use smaller inputs or a smaller batch, or raise the limit memoryBytes, which can be 2 GiB at most',
    )
  })

  it('with constants that need too much', async () => {
    const constants = { c: counting([1, 3]) }
    const add = bytesOf({ inputs: { x: counting([1, 3]) }, constants, nodes: [{ op: 'Add', in: ['x', 'c'], out: ['y'], name: 'n' }] })
    expect(await refused({ limits: { memoryBytes: 11 } }, add)).toBe(
      'error[too-large]: Add "n" (ai.onnx opset 17): the initializers take more than the limit of 11 bytes of memory',
    )
  })

  it('with other than one label for each class', async () => {
    expect(await refused({ labels: ['cat', 'dog'] })).toBe(
      'error[invalid-shape]: 2 labels are given for 3 classes\n  hint: one line for each class, in order; some networks have a class 0 for the background',
    )
  })

  it('that take no images', async () => {
    expect(await refused({ preprocess: 'none' })).toBe(
      'error[invalid-shape]: preprocessing needs one input f32[1,3,height,width] or f32[1,height,width,3], the model has "x" f32[1,3]\n  hint: compile without --preprocess and pass tensors, or fix the batch with --dim',
    )
  })
})

describe('.npy files', () => {
  const npy = (header: string, elements = 0, version = 1): Uint8Array => {
    const length = version === 1 ? [header.length, 0] : [header.length, 0, 0, 0]
    return Uint8Array.from([
      ...Buffer.from('\x93NUMPY', 'latin1'),
      version,
      0,
      ...length,
      ...Buffer.from(header),
      ...new Uint8Array(elements),
    ])
  }
  const floats = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"

  it.each<readonly [string, Uint8Array, string]>([
    ['another format', Uint8Array.of(1, 2, 3), 'not a .npy file'],
    ['a new version', npy(floats, 8, 4), 'version 4 is unknown'],
    ['half a header', npy(floats).subarray(0, 30), 'the header is cut off'],
    ['no header', npy(floats, 0, 2).subarray(0, 11), 'the header is cut off'],
    ['no shape', npy("{'descr': '<f4', 'fortran_order': False}"), "cannot read the header {'descr': '<f4', 'fortran_order': False}"],
    ['objects', npy(floats.replace('<f4', '|O8')), `cannot read the header ${floats.replace('<f4', '|O8')}`],
    ['complex elements', npy(floats.replace('f4', 'c8')), 'elements of type "c8" are not supported'],
    ['too few elements', npy(floats, 7), `7 bytes of elements, expected 8 for ${floats}`],
  ])('%s', (_, bytes, message) => {
    expect(() => readNpy(bytes)).toThrow(
      expect.objectContaining({ code: 'invalid-npy', message, hint: "write it with numpy.save('x.npy', array)" }),
    )
  })
})
