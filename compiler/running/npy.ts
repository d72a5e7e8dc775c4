/** NumPy's `.npy` files, versions 1 to 3 (numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */

import { Diagnostic } from '../../ir/diagnostics.ts'
import { bytesOf, type Tensor, tensorFromBytes } from '../../ir/tensors/tensor.ts'
import { byteSize, DTYPE_BYTES, type DType, type Shape, type TensorType } from '../../ir/tensors/types.ts'

const DESCRS: Record<DType, string> = {
  float32: 'f4',
  float64: 'f8',
  float16: 'f2',
  int8: 'i1',
  uint8: 'u1',
  int16: 'i2',
  uint16: 'u2',
  int32: 'i4',
  uint32: 'u4',
  int64: 'i8',
  uint64: 'u8',
  bool: 'b1',
}

const DTYPES = new Map(Object.entries(DESCRS).map(([dtype, descr]) => [descr, dtype as DType]))

const MAGIC = '\x93NUMPY'

/** Reads either byte order and either axis order. Throws `Diagnostic` for what is not a numeric `.npy` file. */
export function readNpy(bytes: Uint8Array): Tensor {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { text, end } = header(buffer)
  const { type, bigEndian, fortran } = parseHeader(text)
  const size = byteSize(type)
  if (bytes.length - end !== size) throw invalid(`${bytes.length - end} bytes of elements, expected ${size} for ${text.trim()}`)
  const elements = Uint8Array.from(bytes.subarray(end))
  if (bigEndian) swap(elements, DTYPE_BYTES[type.dtype])
  return tensorFromBytes(type, fortran ? rowMajor(elements, type) : elements)
}

function header(buffer: Buffer): { text: string; end: number } {
  if (buffer.length < 10 || buffer.toString('latin1', 0, 6) !== MAGIC) throw invalid('not a .npy file')
  const version = buffer[6] as number
  if (version < 1 || version > 3) throw invalid(`version ${version} is unknown`)
  const start = version === 1 ? 10 : 12
  if (buffer.length < start) throw invalid('the header is cut off')
  const end = start + (version === 1 ? buffer.readUInt16LE(8) : buffer.readUInt32LE(8))
  if (end > buffer.length) throw invalid('the header is cut off')
  return { text: buffer.toString(version === 3 ? 'utf8' : 'latin1', start, end), end }
}

function parseHeader(text: string): { type: TensorType; bigEndian: boolean; fortran: boolean } {
  const descr = /'descr':\s*'([<>|=])?([a-z]\d*)'/.exec(text)
  const order = /'fortran_order':\s*(True|False)/.exec(text)
  const extents = /'shape':\s*\(([\d\s,]*)\)/.exec(text)
  if (!descr || !order || !extents) throw invalid(`cannot read the header ${text.trim()}`)
  const dtype = DTYPES.get(descr[2] as string)
  if (!dtype) throw invalid(`elements of type ${JSON.stringify(descr[2])} are not supported`)
  const shape = (extents[1] as string).split(',').filter((d) => d.trim() !== '')
  return { type: { dtype, shape: shape.map(Number) }, bigEndian: descr[1] === '>', fortran: order[1] === 'True' }
}

/** Reverses the bytes of every element in place. */
function swap(bytes: Uint8Array, width: number): void {
  for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse()
}

/** Brings elements that are stored with the first axis fastest into row-major order, with the last axis fastest. */
function rowMajor(bytes: Uint8Array, { dtype, shape }: TensorType): Uint8Array {
  const width = DTYPE_BYTES[dtype]
  const result = new Uint8Array(bytes.length)
  const index = new Array<number>(shape.length).fill(0)
  for (let to = 0; to < bytes.length; to += width) {
    let from = 0
    for (let axis = shape.length - 1; axis >= 0; axis--) from = from * (shape[axis] as number) + (index[axis] as number)
    result.set(bytes.subarray(from * width, (from + 1) * width), to)
    advance(index, shape)
  }
  return result
}

function advance(index: number[], shape: Shape): void {
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = (index[axis] as number) + 1
    if ((index[axis] as number) < (shape[axis] as number)) return
    index[axis] = 0
  }
}

/** Writes a `.npy` file of version 1: little-endian, with the last axis fastest. */
export function writeNpy(t: Tensor): Uint8Array {
  const { dtype, shape } = t.type
  const descr = `${DTYPE_BYTES[dtype] === 1 ? '|' : '<'}${DESCRS[dtype]}`
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${extents}), }`
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64
  const head = Buffer.alloc(10)
  head.write(MAGIC, 'latin1')
  head[6] = 1
  head.writeUInt16LE(length - 10, 8)
  return new Uint8Array(Buffer.concat([head, Buffer.from(`${dict.padEnd(length - 11)}\n`), bytesOf(t)]))
}

function invalid(message: string): Diagnostic {
  return new Diagnostic({ code: 'invalid-npy', message, hint: "write it with numpy.save('x.npy', array)" })
}
