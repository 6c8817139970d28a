// Where a time axis has its marks. Pure.

const kSecond = 1000;
const kSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400].map((seconds) => seconds * kSecond);

function stepFor(least: number): number {
  if (least > kSteps.at(-1)!) return Math.ceil(least / kSteps.at(-1)!) * kSteps.at(-1)!;
  if (least > kSecond / 2) return kSteps.find((step) => step >= least)!;
  const decade = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * decade).find((step) => step >= least * (1 - 1e-9))!;
}

// Round milliseconds in [from, to), at most `most` of them.
export function ticksOf(from: number, to: number, most: number): number[] {
  if (!(to > from)) return [];
  const step = stepFor((to - from) / most);
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.max(0, Math.ceil(to / step - 1e-9) - first);
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
