/** What one file of the zoo exports: an architecture, as a function of its width and its number of classes. */

import type { Layer } from './layers.ts'

export interface Architecture {
  readonly name: string
  readonly title: string
  /** Input height and width, and number of classes, where none are given. */
  readonly resolution: number
  readonly classes: number
  /** ε of every batch normalisation. */
  readonly epsilon: number
  /** The layers, in order, from an image of 3 channels to `classes` logits; `width` multiplies the channel counts. */
  layers(width: number, classes: number): readonly Layer[]
}
