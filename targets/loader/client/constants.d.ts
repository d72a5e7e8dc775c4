import type { DType } from '../../../ir/tensors/types.ts'
import type { BundleTable } from '../table.ts'
import type { classifier } from './image.ts'

declare global {
  /** What makes a typed array on memory. */
  type ElementArray = new (memory: ArrayBuffer, address?: number, length?: number) => ArrayBufferView
  /** Written in front of the loader when a bundle is made. */
  const BUNDLE: Omit<BundleTable, 'labels'>
  /** The typed arrays of the ports' element types. */
  const ARRAYS: Readonly<Partial<Record<DType, ElementArray>>>
  /** Where the bundle's files are, by file name: literal `new URL('./…', import.meta.url)`, which bundlers follow. */
  const ASSETS: Readonly<Record<string, () => URL>>
  /** The code for images, in bundles that take them. */
  const CLASSIFIER: typeof classifier | undefined
  /** Names of the classes, written in front of the code for images. */
  const LABELS: readonly string[] | null
  /** The files that the loader carries, by name, in base64. */
  const INLINE: Readonly<Record<string, string>>
}
