/**
 * The exports with which a module makes its input from an image. They are not in `image.ts`, because that file
 * does not need Binaryen.
 */

import binaryen from 'binaryen'
import { inOrder, type ParamsOf, type RuntimeKernelName } from '../../runtime-as/kernels.ts'
import { FILTERS, type ImageBuffers, type ImageInput } from '../lowering/image.ts'

export interface ImageAddresses extends ImageBuffers {
  readonly tensor: number
}

/**
 * Adds three exports, to be called in this order. `image_begin(width, resizedWidth, left, height,
 * resizedHeight, top)` gets the size of the image, the size that it is resized to, and the corner of the crop
 * in the resized image. `image_rows(count, width)` processes rows of RGBA pixels that the caller has put into
 * the strip. `image_end()` finishes the input.
 */
export function defineImage(module: binaryen.Module, input: ImageInput, at: ImageAddresses, names: ReadonlyMap<string, string>): void {
  const { i32, f32, local } = module
  const parameter = (i: number): binaryen.ExpressionRef => local.get(i, binaryen.i32)
  const call = <N extends RuntimeKernelName>(name: N, operands: Readonly<Record<keyof ParamsOf<N>, binaryen.ExpressionRef>>) =>
    module.call(names.get(name) as string, inOrder(name, operands), binaryen.none)
  const define = (name: string, parameters: number, body: binaryen.ExpressionRef[]): void => {
    module.addFunction(name, binaryen.createType(Array(parameters).fill(binaryen.i32)), binaryen.none, [], module.block(null, body))
    module.addFunctionExport(name, name)
  }
  const { width, height, planar, filter, channels, factor, offset } = input
  const plan = (address: number, from: number, count: number): binaryen.ExpressionRef =>
    call('image_plan', {
      plan: i32.const(address),
      size: parameter(from),
      resized: parameter(from + 1),
      first: parameter(from + 2),
      count: i32.const(count),
      radius: i32.const(FILTERS[filter]),
    })
  define('image_begin', 6, [
    plan(at.columns, 0, width),
    plan(at.rows, 3, height),
    call('image_clear', { y: i32.const(at.tensor), n: i32.const(3 * width * height), state: i32.const(at.state) }),
  ])
  define('image_rows', 2, [
    call('image_rows', {
      strip: i32.const(at.strip),
      count: parameter(0),
      stride: parameter(1),
      columns: i32.const(at.columns),
      rows: i32.const(at.rows),
      width: i32.const(width),
      height: i32.const(height),
      row: i32.const(at.row),
      y: i32.const(at.tensor),
      planar: i32.const(Number(planar)),
      state: i32.const(at.state),
    }),
  ])
  define('image_end', 0, [
    call('image_finish', {
      y: i32.const(at.tensor),
      n: i32.const(width * height),
      planar: i32.const(Number(planar)),
      reversed: i32.const(Number(channels === 'BGR')),
      factor0: f32.const(factor[0]),
      factor1: f32.const(factor[1]),
      factor2: f32.const(factor[2]),
      offset0: f32.const(offset[0]),
      offset1: f32.const(offset[1]),
      offset2: f32.const(offset[2]),
    }),
  ])
}
