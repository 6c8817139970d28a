// OTLP/JSON by hand: what the sample data is written in.

export type Value = string | number | boolean | Value[] | { [key: string]: Value };
export interface SampleSpan {
  traceId: string; spanId: string; parentSpanId: string; name: string; kind: number; startTimeUnixNano: string; endTimeUnixNano: string;
  attributes: { key: string; value: unknown }[]; status: { code?: number; message?: string }; events: { name: string; timeUnixNano: string; attributes: { key: string; value: unknown }[] }[];
}

function toValue(value: Value): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toValue) } };
  return { kvlistValue: { values: Object.entries(value).map(([key, inner]) => ({ key, value: toValue(inner) })) } };
}

export function attributesOf(values: Record<string, Value | undefined>) {
  return Object.entries(values).filter(([, value]) => value !== undefined).map(([key, value]) => ({ key, value: toValue(value!) }));
}

export const nanos = (ms: number) => `${Math.round(ms * 1000)}000`;

function hex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export interface NewSpan {
  name: string; parent?: string; start: number; end: number; kind?: number; error?: string; attributes?: Record<string, Value | undefined>;
}

// The spans of one run; ids are new each time, so that samples can be sent again.
export class SampleTrace {
  readonly traceId = hex(16);
  readonly spans: SampleSpan[] = [];

  add({ name, parent = '', start, end, kind = 1, error, attributes = {} }: NewSpan): string {
    const spanId = hex(8);
    const events = error ? [{ name: 'exception', timeUnixNano: nanos(end), attributes: attributesOf({ 'exception.type': 'Error', 'exception.message': error }) }] : [];
    this.spans.push({ traceId: this.traceId, spanId, parentSpanId: parent, name, kind, startTimeUnixNano: nanos(start), endTimeUnixNano: nanos(end),
                      attributes: attributesOf(attributes), status: error ? { code: 2, message: error } : {}, events });
    return spanId;
  }

  // A span whose end is known only after its children.
  close(spanId: string, end: number, attributes: Record<string, Value | undefined> = {}, error?: string) {
    const span = this.spans.find((each) => each.spanId === spanId)!;
    span.endTimeUnixNano = nanos(end);
    span.attributes.push(...attributesOf(attributes));
    if (error) span.status = { code: 2, message: error };
  }
}

export function resourceSpans(service: string, version: string, scope: string, spans: SampleSpan[]) {
  return { resource: { attributes: attributesOf({ 'service.name': service, 'service.version': version, 'deployment.environment.name': 'sample' }) },
           scopeSpans: [{ scope: { name: scope, version: '1.0.0' }, spans }] };
}
