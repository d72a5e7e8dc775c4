/** What the runtime exports: every exported, non-generic function of the families. */

export * from './binary'
export * from './cast'
export * from './conv'
export * from './image'
export * from './matmul'
export * from './movement'
export * from './pool'
export * from './reduce'
export * from './resize'
export * from './softmax'
export * from './typed'
export * from './unary'
