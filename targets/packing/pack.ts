/**
 * Layouts of weights in memory. Packed constants are identified by their content, so targets with the same
 * layout store them once.
 */

import { InternalError } from '../../ir/diagnostics.ts'
import type { Value } from '../../ir/graph/graph.ts'

/** The elements of a float32 constant. */
export function floatsOf(value: Value | undefined): Float32Array {
  if (value?.kind !== 'constant' || !(value.tensor.data instanceof Float32Array)) throw new InternalError('not a float32 constant')
  return value.tensor.data
}

type Numbers = Float32Array | Int32Array | Int8Array
type NumbersConstructor = Float32ArrayConstructor | Int32ArrayConstructor | Int8ArrayConstructor

/**
 * How the weights of a matrix product lie in memory. The columns are divided into panels of neighbouring
 * columns, which follow each other. A panel is its header and then its steps. A step is what a kernel
 * multiplies at once: `group` consecutive values of k for each column, next to each other.
 */
export interface PanelFormat {
  /**
   * Columns of a panel. The last panel is narrower if fewer columns remain. It then has as many vectors as its
   * columns need, filled up with zeros.
   */
  readonly columns: number
  /** Columns of a vector. */
  readonly lanes: number
  readonly group: number
  readonly Weights: NumbersConstructor
  /**
   * Element type of the header, which comes before the steps. It has rows of four bytes per column, and the
   * first row is the bias.
   */
  readonly Header: Float32ArrayConstructor | Int32ArrayConstructor
  readonly headerRows: number
}

/**
 * Panels `[N/8][1 + K][8]`: each panel of 8 columns is its bias followed by its rows. The last panel may be 4
 * columns wide.
 */
export const FLOAT32_PANELS: PanelFormat = {
  columns: 8,
  lanes: 4,
  group: 1,
  Weights: Float32Array,
  Header: Float32Array,
  headerRows: 1,
}

/** Columns of the last, narrower panel as stored; 0 if there is none. */
export function tailWidth({ columns: wide, lanes }: PanelFormat, columns: number): number {
  return Math.ceil((columns % wide) / lanes) * lanes
}

/** Bytes of a step of a panel that is stored `width` wide. */
export function stepBytes({ group, Weights }: PanelFormat, width: number): number {
  return width * group * Weights.BYTES_PER_ELEMENT
}

/** Bytes of the header of a panel that is stored `width` wide. */
export function headerBytes({ headerRows, Header }: PanelFormat, width: number): number {
  return width * headerRows * Header.BYTES_PER_ELEMENT
}

/** Bytes of a panel that is stored `width` wide, for `depth` k. */
export function panelBytes(format: PanelFormat, depth: number, width = format.columns): number {
  return headerBytes(format, width) + Math.ceil(depth / format.group) * stepBytes(format, width)
}

/** Bytes of all panels of a matrix of `depth` × `columns`. */
export function panelsBytes(format: PanelFormat, depth: number, columns: number): number {
  const tail = tailWidth(format, columns)
  return Math.floor(columns / format.columns) * panelBytes(format, depth) + (tail > 0 ? panelBytes(format, depth, tail) : 0)
}

/** A matrix of `depth` × `columns`, and the values of the header for each column. */
export interface PanelSource {
  readonly depth: number
  readonly columns: number
  header(row: number, column: number): number
  weight(k: number, column: number): number
}

/** The matrix in panels, as the bytes that `format` describes. */
export function packPanels(format: PanelFormat, source: PanelSource): Uint8Array {
  const packed = new ArrayBuffer(panelsBytes(format, source.depth, source.columns))
  let at = 0
  for (let first = 0; first < source.columns; first += format.columns) {
    const width = source.columns - first < format.columns ? tailWidth(format, source.columns) : format.columns
    const header = new format.Header(packed, at, width * format.headerRows)
    const steps = Math.ceil(source.depth / format.group)
    const weights = new format.Weights(packed, at + headerBytes(format, width), steps * width * format.group)
    packPanel(format, source, { header, weights, first, width })
    at += panelBytes(format, source.depth, width)
  }
  return new Uint8Array(packed)
}

interface Panel {
  readonly header: Numbers
  readonly weights: Numbers
  readonly first: number
  /** Columns as stored. */
  readonly width: number
}

function packPanel({ group, headerRows }: PanelFormat, source: PanelSource, { header, weights, first, width }: Panel): void {
  const used = Math.min(width, source.columns - first)
  for (let column = 0; column < used; column++) {
    for (let row = 0; row < headerRows; row++) header[row * width + column] = source.header(row, first + column)
    for (let k = 0; k < source.depth; k++) {
      const step = (k - (k % group)) * width
      weights[step + column * group + (k % group)] = source.weight(k, first + column)
    }
  }
}

/**
 * Packs float32 weights `[columns][depth]` and their bias in panels. Row k of the matrix is element
 * `position(k)` of each column's weights.
 */
export function packFloat32Panels(bias: Float32Array, weights: Float32Array, position: (k: number) => number = (k) => k): Uint8Array {
  const columns = bias.length
  const depth = weights.length / columns
  return packPanels(FLOAT32_PANELS, {
    depth,
    columns,
    header: (_, column) => bias[column] as number,
    weight: (k, column) => weights[column * depth + position(k)] as number,
  })
}

/** Channels of a block. */
const LANES = 4

/**
 * Packs depthwise weights `[channels][taps]`, with a bias per channel, as `[channels/4][1 + taps][4]`. Each
 * block has the biases of four channels and then their taps, so a kernel reads them in one stream.
 */
export function packChannels(taps: number, bias: Float32Array, weights: Float32Array): Float32Array {
  const blocks = Math.ceil(bias.length / LANES)
  const packed = new Float32Array(blocks * (1 + taps) * LANES)
  bias.forEach((b, channel) => {
    const at = Math.floor(channel / LANES) * (1 + taps) * LANES + (channel % LANES)
    packed[at] = b
    for (let tap = 0; tap < taps; tap++) packed[at + (1 + tap) * LANES] = weights[channel * taps + tap] as number
  })
  return packed
}
