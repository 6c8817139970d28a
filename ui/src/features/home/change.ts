// What differs from the period before. Pure.
import { percent } from '../../lib/format';

const kLeastZ = 4;       // of the two-proportion test: one in thousands of equal shares
const kLeastCalls = 20;  // in each period
const kLeastChange = 0.05;

// How the share of a part changed, in words, where that is beyond chance and large enough to matter.
// https://en.wikipedia.org/wiki/Two-proportion_Z-test
export function unusualShare(part: number, all: number, partBefore: number, allBefore: number): string | null {
  if (all < kLeastCalls || allBefore < kLeastCalls) return null;
  const [now, before] = [part / all, partBefore / allBefore];
  const pooled = (part + partBefore) / (all + allBefore);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / all + 1 / allBefore));
  if (Math.abs(now - before) < kLeastChange || Math.abs(now - before) < kLeastZ * deviation) return null;
  return partBefore === 0 ? `${percent(now)} of the calls, none in the period before` : `${percent(now)} of the calls, ${percent(before)} in the period before`;
}
