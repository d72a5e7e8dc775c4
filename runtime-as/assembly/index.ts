/** What the runtime exports: every exported, non-generic function of the families. */

export * from './unary'
