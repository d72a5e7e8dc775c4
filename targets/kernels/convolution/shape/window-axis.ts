/**
 * How windows lie over one axis of an image. The functions of this file say which taps of an output fall
 * outside the image, and how a row of outputs divides into tiles with the same code.
 */

export interface WindowAxis {
  /** Extent of the input along the axis. */
  readonly input: number
  readonly output: number
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  /** Pad before. */
  readonly pad: number
}

/** Outputs [start, start + size) of an axis, repeated `count` times. Repetition i is shifted by i · size. */
export interface TileRun {
  readonly start: number
  readonly size: number
  readonly count: number
}

/** Input position of `tap` of output `output`; outside the image if not in [0, input). */
export function positionOf(axis: WindowAxis, output: number, tap: number): number {
  return output * axis.stride - axis.pad + tap * axis.dilation
}

/** Taps of `output` that fall inside the image; they are consecutive. */
export function validTaps(axis: WindowAxis, output: number): number[] {
  return Array.from({ length: axis.kernel }, (_, tap) => tap).filter((tap) => {
    const position = positionOf(axis, output, tap)
    return position >= 0 && position < axis.input
  })
}

/**
 * Divides the axis into as few tiles of at most `max` outputs as possible. Neighbouring tiles of equal size and
 * with equal valid taps are joined into runs.
 */
export function tileRuns(axis: WindowAxis, max: number): TileRun[] {
  const tiles = Math.ceil(axis.output / max)
  const low = Math.floor(axis.output / tiles)
  const high = axis.output - low * tiles
  const runs: TileRun[] = []
  let start = 0
  for (let i = 0; i < tiles; i++) {
    const size = i < high ? low + 1 : low
    const last = runs.at(-1)
    if (last && last.size === size && signature(axis, last.start, size) === signature(axis, start, size)) {
      runs[runs.length - 1] = { ...last, count: last.count + 1 }
    } else runs.push({ start, size, count: 1 })
    start += size
  }
  return runs
}

function signature(axis: WindowAxis, start: number, size: number): string {
  return Array.from({ length: size }, (_, i) => validTaps(axis, start + i).join()).join(';')
}

/** Outputs [from, to) whose taps are all inside. */
export function interior(axis: WindowAxis): readonly [number, number] {
  const whole = Array.from({ length: axis.output }, (_, i) => i).filter((i) => validTaps(axis, i).length === axis.kernel)
  return whole.length === 0 ? [0, 0] : [whole[0] as number, (whole.at(-1) as number) + 1]
}

/** The first input position inside the image that a tile reads; 0 if it reads none. */
export function leftmost(axis: WindowAxis, run: TileRun): number {
  for (let position = 0; position < axis.input; position++) {
    for (let output = run.start; output < run.start + run.size; output++) {
      for (let tap = 0; tap < axis.kernel; tap++) if (positionOf(axis, output, tap) === position) return position
    }
  }
  return 0
}
