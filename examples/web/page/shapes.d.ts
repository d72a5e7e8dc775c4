/** The parts of the bundle that the page uses. The bundle has types of its own, but it exists only after it is compiled. */

declare module 'shapes' {
  export interface ShapesModel {
    classify(
      image: ImageData | HTMLVideoElement,
      options?: { readonly topK?: number },
    ): Promise<import('../../../targets/loader/table.ts').ClassScore[]>
    warmup(runs?: number): void | Promise<void>
    dispose(): void | Promise<void>
  }

  export function load(options?: { readonly target?: string }): Promise<ShapesModel>
}

declare module 'shapes/worker.js' {
  export { load } from 'shapes'
}

declare module 'shapes/manifest.json' {
  type TargetName = import('../../../targets/target/target.ts').TargetName

  /** The targets, best first. */
  export const targets: readonly TargetName[]
  export const labels: readonly string[]
  export const files: Readonly<Record<string, { readonly bytes: number }>>
  export const peakMemory: Readonly<Record<TargetName, number>>
}
