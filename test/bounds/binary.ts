/** The WebAssembly binary format, as far as rewriting function bodies needs it (core specification, chapter 5). */

export const SECTION = { type: 1, import: 2, function: 3, memory: 5, code: 10 } as const

export interface Section {
  readonly id: number
  readonly body: Uint8Array
}

/** Reads a byte string from its start on. */
export class Reader {
  readonly bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  byte(): number {
    if (this.done) throw new RangeError('unexpected end')
    return this.bytes[this.at++] as number
  }

  /** An unsigned LEB128 number below 2³². */
  u32(): number {
    let result = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      result += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return result
    }
  }

  /** Steps over a LEB128 number of any kind. */
  skipLeb(): void {
    while (this.byte() >= 0x80);
  }

  take(count: number): Uint8Array {
    this.at += count
    return this.bytes.subarray(this.at - count, this.at)
  }
}

export function readSections(module: Uint8Array): Section[] {
  const reader = new Reader(module, 8)
  const sections: Section[] = []
  while (!reader.done) sections.push({ id: reader.byte(), body: reader.take(reader.u32()) })
  return sections
}

export function writeSections(module: Uint8Array, sections: readonly Section[]): Uint8Array {
  return Uint8Array.from([...module.subarray(0, 8), ...sections.flatMap(({ id, body }) => [id, ...u32(body.length), ...body])])
}

/** The unsigned LEB128 form. */
export function u32(value: number): number[] {
  const low = value % 128
  return value < 128 ? [value] : [low + 128, ...u32((value - low) / 128)]
}

/** The signed LEB128 form of a number below 2³¹. */
export function s32(value: number): number[] {
  const low = value & 0x7f
  const rest = value >> 7
  const last = (rest === 0 && low < 64) || (rest === -1 && low >= 64)
  return last ? [low] : [low | 0x80, ...s32(rest)]
}

/** A vector whose length comes first; `items` are encoded already. */
export function vector(items: readonly (readonly number[])[]): number[] {
  return [...u32(items.length), ...items.flat()]
}

/** The items of a vector section, each as its bytes; `skip` steps over one. */
export function readVector(body: Uint8Array, skip: (reader: Reader) => void): number[][] {
  const reader = new Reader(body)
  return Array.from({ length: reader.u32() }, () => {
    const start = reader.at
    skip(reader)
    return [...body.subarray(start, reader.at)]
  })
}
