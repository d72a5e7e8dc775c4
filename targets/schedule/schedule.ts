/**
 * A schedule: what one target executes, as a table. Its steps call kernels on buffers and packed constants. The
 * planner gives every buffer an offset in one static arena.
 */

import type { TensorType } from '../../ir/tensors/types.ts'

/** A piece of the arena. It is in use from its first step to its last, both included. */
export interface Buffer {
  readonly id: number
  readonly bytes: number
  /** Index of the first step that writes it; −1 for a graph input. */
  readonly first: number
  /**
   * Index of the last step that reads or writes it. For a buffer that is read after the run, it is the number
   * of steps.
   */
  readonly last: number
  /** What it holds, for people. */
  readonly name: string
}

/** A packed constant. Blobs with the same key hold the same bytes, whatever the target. */
export interface Blob {
  readonly key: string
  readonly bytes: Uint8Array
  /**
   * A bundle may store `weights`, which are float32, with less precision. It may not do so with `exact`
   * constants.
   */
  readonly role: BlobRole
}

export type BlobRole = 'weights' | 'exact'

/** A place in memory, `offset` bytes into a buffer or into a packed constant. */
export type Address =
  | { readonly kind: 'buffer'; readonly buffer: number; readonly offset: number }
  | { readonly kind: 'blob'; readonly key: string; readonly offset: number }

export interface I32 {
  readonly kind: 'i32'
  readonly value: number
}

export interface F32 {
  readonly kind: 'f32'
  readonly value: number
}

/**
 * Scratch memory of one part of a step. Its contents mean nothing before and after the step. It lies in a
 * buffer that only this step uses: part p has the `bytes` bytes from p · `bytes` on.
 */
export interface Scratch {
  readonly kind: 'scratch'
  readonly buffer: number
  readonly bytes: number
}

export type Operand = Address | I32 | F32 | Scratch

/** The place `bytes` further on in the same memory. */
export function shifted(address: Address, bytes: number): Address {
  return { ...address, offset: address.offset + bytes }
}

/** One kernel call. */
export interface Step {
  /** Key of the kernel function; steps that need the same code share it. */
  readonly fn: string
  readonly operands: readonly Operand[]
  /**
   * The function takes two more operands, begin and end, and computes that range of [0, extent). Disjoint
   * ranges may be computed in any order. They may also be computed at the same time, as parts that each have
   * scratch memory of their own.
   */
  readonly extent: number
  readonly macs: number
  /** Bytes read and written, each once. */
  readonly traffic: number
  /** Names of the ONNX nodes it computes. */
  readonly origins: readonly string[]
}

/** An input or output of the graph, and the buffer that holds it. */
export interface PortBuffer {
  readonly name: string
  readonly type: TensorType
  readonly buffer: number
}

export interface Schedule {
  /** How many parts of a step may run at the same time, at least 1. Each part has scratch memory of its own. */
  readonly parts: number
  readonly steps: readonly Step[]
  readonly buffers: readonly Buffer[]
  readonly blobs: readonly Blob[]
  readonly inputs: readonly PortBuffer[]
  readonly outputs: readonly PortBuffer[]
}

/** A schedule with an offset in bytes for every buffer (by id), and the arena's size. */
export interface PlannedSchedule extends Schedule {
  readonly offsets: readonly number[]
  readonly arenaBytes: number
}

/** Alignment of every buffer and blob, in bytes. */
export const ALIGNMENT = 16

/**
 * Bytes past the end of a buffer or blob that a kernel may read. It must not write them, nor use what it read.
 * So vector loads need no special case at the end.
 */
export const READ_SLACK = 64
