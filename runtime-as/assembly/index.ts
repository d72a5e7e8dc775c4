/** What the runtime exports: every exported, non-generic function of the families. */

export * from './conv'
export * from './elementwise'
export * from './half'
export * from './image'
export * from './matmul'
export * from './movement'
export * from './order'
export * from './pool'
export * from './reduce'
export * from './resize'
export * from './softmax'
