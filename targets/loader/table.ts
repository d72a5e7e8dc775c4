/**
 * The constants written into `index.js`: all that a loader knows about its bundle. Names from the model appear
 * only as values here, never as keys.
 */

import type { DType, Shape } from '../../ir/tensors/types.ts'

/** An input or output of the model. */
export interface PortSpec {
  readonly name: string
  readonly shape: Shape
  readonly dtype: DType
}

export interface FileSpec {
  readonly name: string
  readonly bytes: number
  /** Base64, as in `sha384-…` of subresource integrity. */
  readonly sha384: string
}

/** One module of the bundle: the model, compiled for one target. */
export interface VariantSpec {
  /** Name of the target. */
  readonly name: string
  /** The target's probe, in base64. */
  readonly probe: string
  readonly file: FileSpec
  /** The whole linear memory. */
  readonly memory: number
  /** Addresses of its own, in the order of the bundle's ports. */
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  /** Index of the layout, in the table, that says where its weights go. */
  readonly layout: number
  /** Address at which rows of an image are placed, where the bundle takes images. */
  readonly strip?: number
}

/**
 * Where the parts of the weights go in memory. It has three numbers for each part, in order: the bytes of the
 * weights skipped since the part before it, the part's own bytes, and the bytes of memory skipped.
 */
export type WeightLayout = readonly number[]

/** How an image becomes the network's input, and how the output becomes a list of classes. */
export interface ImageSpec {
  /** The shorter side, whose proportions are kept, or [height, width]. */
  readonly resize: number | readonly [number, number]
  /** [height, width] of the crop from the middle of the image, which is what the network sees. */
  readonly crop: readonly [number, number]
  /** How the crop's corner is rounded where it lies at half a pixel. */
  readonly halves: 'down' | 'even'
  /** Width and height of an image at most. */
  readonly side: number
  /** Bytes of the strip that takes rows of RGBA. */
  readonly strip: number
  readonly softmax: boolean
}

/** One class, as `classify` returns it. */
export interface ClassScore {
  readonly index: number
  /** Where the bundle has labels. */
  readonly label?: string
  /** Probability. */
  readonly score: number
}

export interface BundleTable {
  /**
   * An identifier that is the same in every module of the bundle, in a custom section. Other bundles have other
   * identifiers.
   */
  readonly id: string
  /** The same in every variant. */
  readonly inputs: readonly PortSpec[]
  readonly outputs: readonly PortSpec[]
  readonly weights: FileSpec
  readonly layouts: readonly WeightLayout[]
  /** The preferred one first. */
  readonly variants: readonly VariantSpec[]
  readonly image: ImageSpec | null
  /** Names of the classes that an image can have; null where the bundle has none. */
  readonly labels: readonly string[] | null
  /**
   * For each output, [index, value] of some elements of the result for the self-test's input; null where none
   * is known.
   */
  readonly golden: readonly (readonly (readonly [number, number])[])[] | null
}

/** The custom section that says which bundle and target a module belongs to: `id target`, in ASCII. */
export const SECTION = 'mobilenet-compile'
