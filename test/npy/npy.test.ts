import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readNpy, writeNpy } from '../../compiler/running/npy.ts'
import { tensorFromBytes } from '../../ir/tensors/tensor.ts'
import { byteSize, DTYPE_BYTES, type DType } from '../../ir/tensors/types.ts'

const dtypes = Object.keys(DTYPE_BYTES) as DType[]

function file(header: string, elements: readonly number[], version = 1): Uint8Array {
  const size = Buffer.alloc(version === 1 ? 2 : 4)
  size.writeUIntLE(header.length, 0, size.length)
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.from([version, 0]), size, Buffer.from(header), Buffer.from(elements)])
}

describe('.npy', () => {
  it('reads what it writes', () => {
    const types = fc.record({ dtype: fc.constantFrom(...dtypes), shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }) })
    fc.assert(
      fc.property(types, (type) => {
        const bytes = Uint8Array.from({ length: byteSize(type) }, (_, i) => (type.dtype === 'bool' ? i & 1 : i & 63))
        const t = tensorFromBytes(type, bytes)
        const written = writeNpy(t)
        expect((written.length - bytes.length) % 64).toBe(0)
        expect(readNpy(written)).toEqual(t)
      }),
    )
  })

  it('writes the header that numpy writes', () => {
    const written = writeNpy({ type: { dtype: 'float32', shape: [2] }, data: new Float32Array(2) })
    expect(Buffer.from(written.subarray(10, 128)).toString()).toBe(
      `${"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }".padEnd(117)}\n`,
    )
  })

  it.each([1, 2, 3])('reads version %i', (version) => {
    const read = readNpy(file("{'descr': '|u1', 'fortran_order': False, 'shape': (), }\n", [7], version))
    expect(read).toEqual({ type: { dtype: 'uint8', shape: [] }, data: Uint8Array.of(7) })
  })

  it('reads the other byte order and the other axis order', () => {
    const swapped = readNpy(file("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", [1, 2, 255, 254]))
    expect(swapped.data).toEqual(Int16Array.of(258, -2))
    const fortran = readNpy(file("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }", [1, 4, 2, 5, 3, 6]))
    expect(fortran).toEqual({ type: { dtype: 'int8', shape: [2, 3] }, data: Int8Array.of(1, 2, 3, 4, 5, 6) })
  })

  it.each([
    [new Uint8Array(3), 'not a .npy file'],
    [file('', [], 4), 'version 4 is unknown'],
    [file("{'descr': '<f4'}", []), "cannot read the header {'descr': '<f4'}"],
    [file("{'descr': '<U4', 'fortran_order': False, 'shape': (1,)}", []), 'cannot read the header'],
    [file("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", []), 'elements of type "c8" are not supported'],
    [file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", [1]), '1 bytes of elements, expected 8'],
    [file("{'descr': '<f4'}", []).subarray(0, 14), 'the header is cut off'],
  ])('refuses %#', (bytes, message) => {
    expect(() => readNpy(bytes)).toThrow(message)
  })
})
