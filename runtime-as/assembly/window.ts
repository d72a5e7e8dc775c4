/**
 * Windows sliding over [H, W]. The descriptor is a packed i32 array
 *
 *     [H, W, C, OH, OW, kh, kw, stride y, x, dilation y, x, pad top, left, bottom, right, countPads, output channels, groups]
 */

import { word } from './rows'

/** H. */
@inline export function windowHeight(d: usize): i32 { return word(d, 0) }
/** W. */
@inline export function windowWidth(d: usize): i32 { return word(d, 1) }
/** C. */
@inline export function channels(d: usize): i32 { return word(d, 2) }
/** OH. */
@inline export function outHeight(d: usize): i32 { return word(d, 3) }
/** OW. */
@inline export function outWidth(d: usize): i32 { return word(d, 4) }
/** Taps along an axis. Axis 0 is vertical, axis 1 horizontal. */
@inline export function kernel(d: usize, axis: i32): i32 { return word(d, 5 + axis) }
/** Positions of the input from one window to the next. */
@inline export function stride(d: usize, axis: i32): i32 { return word(d, 7 + axis) }
/** Positions of the input from one tap to the next. */
@inline export function dilation(d: usize, axis: i32): i32 { return word(d, 9 + axis) }
/** Padding above, or left. */
@inline export function padBefore(d: usize, axis: i32): i32 { return word(d, 11 + axis) }
/** Padding below, or right. */
@inline export function padAfter(d: usize, axis: i32): i32 { return word(d, 13 + axis) }
/** Whether padding counts in a mean. */
@inline export function countPads(d: usize): i32 { return word(d, 15) }
/** Channels of the output. */
@inline export function outChannels(d: usize): i32 { return word(d, 16) }
/** Groups of channels of a convolution. */
@inline export function groups(d: usize): i32 { return word(d, 17) }

/** Position of tap 0 for output index `o`; negative in the padding. */
@inline export function origin(d: usize, axis: i32, o: i32): i32 {
  return o * stride(d, axis) - padBefore(d, axis)
}

/** The first tap that is at position 0 or after it. */
@inline export function firstTap(d: usize, axis: i32, origin: i32): i32 {
  const step = dilation(d, axis)
  return origin >= 0 ? 0 : (step - 1 - origin) / step
}

/** One more than the last tap before position `limit`. */
@inline export function endTap(d: usize, axis: i32, origin: i32, limit: i32): i32 {
  const step = dilation(d, axis)
  const taps = limit <= origin ? 0 : (limit - origin + step - 1) / step
  const all = kernel(d, axis)
  return taps < all ? taps : all
}
