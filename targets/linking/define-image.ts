/** The exports of a module that make its input from an image; apart from `image.ts`, which needs no Binaryen. */

import binaryen from 'binaryen'
import { FILTERS, type ImageBuffers, type ImageInput } from '../lowering/image.ts'

export interface ImageAddresses extends ImageBuffers {
  readonly tensor: number
}

/**
 * Exports, to be called in this order: `image_begin(width, resizedWidth, left, height, resizedHeight, top)`
 * with the image's size, the size it is resized to and the corner of the crop in that; `image_rows(count, width)`
 * for rows of RGBA that are at the strip; `image_end()`.
 */
export function defineImage(module: binaryen.Module, input: ImageInput, at: ImageAddresses, names: ReadonlyMap<string, string>): void {
  const { i32, f32, local } = module
  const constant = (x: number): binaryen.ExpressionRef => i32.const(x)
  const parameter = (i: number): binaryen.ExpressionRef => local.get(i, binaryen.i32)
  const call = (name: string, operands: binaryen.ExpressionRef[]): binaryen.ExpressionRef =>
    module.call(names.get(name) as string, operands, binaryen.none)
  const define = (name: string, parameters: number, body: binaryen.ExpressionRef[]): void => {
    module.addFunction(name, binaryen.createType(Array(parameters).fill(binaryen.i32)), binaryen.none, [], module.block(null, body))
    module.addFunctionExport(name, name)
  }
  const { width, height, planar, filter, channels, factor, offset } = input
  const plan = (address: number, from: number, count: number): binaryen.ExpressionRef =>
    call('image_plan', [
      constant(address),
      parameter(from),
      parameter(from + 1),
      parameter(from + 2),
      constant(count),
      constant(FILTERS[filter]),
    ])
  define('image_begin', 6, [
    plan(at.columns, 0, width),
    plan(at.rows, 3, height),
    call('image_clear', [at.tensor, 3 * width * height, at.state].map(constant)),
  ])
  define('image_rows', 2, [
    call('image_rows', [
      constant(at.strip),
      parameter(0),
      parameter(1),
      ...[at.columns, at.rows, width, height, at.row, at.tensor, Number(planar), at.state].map(constant),
    ]),
  ])
  define('image_end', 0, [
    call('image_finish', [
      ...[at.tensor, width * height, Number(planar), Number(channels === 'BGR')].map(constant),
      ...[...factor, ...offset].map((x) => f32.const(x)),
    ]),
  ])
}
