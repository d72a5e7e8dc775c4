/** The compiler's own version, as in its package. */

import { createRequire } from 'node:module'

export const VERSION: string = createRequire(import.meta.url)('mobilenet-compile/package.json').version
