/** The input for the self-test. The loader and the compiler both give it to a model. */

/**
 * Fills `view` with numbers in [−1, 1) (floats) or 0 and 1 (integers) from a linear congruential
 * generator (multiplier and increment of Numerical Recipes). float16 bits are filled as 0 and 1,
 * which are harmless subnormals.
 */
export function fillGolden(view: ArrayLike<number | bigint>): void {
  const target = view as { [i: number]: number | bigint }
  const float = view instanceof Float32Array || view instanceof Float64Array
  const wide = view instanceof BigInt64Array || view instanceof BigUint64Array
  let state = 1
  for (let i = 0; i < view.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    const bit = (state >>> 16) & 1
    target[i] = float ? state / 2 ** 31 : wide ? BigInt(bit) : bit
  }
}
