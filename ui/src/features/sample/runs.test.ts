import { expect, it } from 'vitest';
import { sampleLogs, sampleRuns, sampleTraces } from './runs';

const kEnd = 1_767_225_600_000;

it('stays within the last hour, and says that it is a sample', () => {
  const samples = sampleRuns(kEnd);
  expect(samples.length).toBe(48);
  const { resourceSpans } = sampleTraces(samples);
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans[0]!.spans);
  for (const { startTimeUnixNano: start, endTimeUnixNano: end } of spans) {
    expect(Number(start) / 1e6).toBeGreaterThan(kEnd - 3_600_000);
    expect(Number(end)).toBeGreaterThanOrEqual(Number(start));
    expect(Number(end) / 1e6).toBeLessThan(kEnd);
  }
  expect(new Set(samples.map(({ service }) => service))).toEqual(new Set(['sample-support', 'sample-research', 'sample-review']));
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
});
it('fails now and then, and logs it', () => {
  const samples = sampleRuns(kEnd);
  const failed = samples.filter(({ trace }) => trace.spans[0]!.status.code === 2);
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.length).toBeLessThan(samples.length / 4);
  const errors = sampleLogs(samples).resourceLogs.flatMap(({ scopeLogs }) => scopeLogs[0]!.logRecords).filter(({ severityNumber }) => severityNumber === 17);
  expect(errors.length).toBe(failed.length);
});
