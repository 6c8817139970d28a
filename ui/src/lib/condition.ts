// A condition on a measure as the search language writes it. Durations are in milliseconds.
export function between(field: string, from: number, to: number): string {
  const unit = field === 'duration' ? 'ms' : '';
  const write = (value: number) => `${Number(value.toPrecision(12))}${unit}`;
  return `${field}>=${write(from)} ${field}<${write(to)}`;
}
