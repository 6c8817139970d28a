// A recording OTLP receiver: keeps every request body as it came, over HTTP and gRPC.
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import grpc from '@grpc/grpc-js';

const kSignals = { traces: 'trace', metrics: 'metrics', logs: 'logs' };

function methodPath(module, service) {
  return `/opentelemetry.proto.collector.${module}.v1.${service}/Export`;
}

function startHttp(record) {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    let body = Buffer.concat(chunks);
    if (request.headers['content-encoding'] === 'gzip') body = gunzipSync(body);
    const type = request.headers['content-type'];
    const signal = request.url.split('/').at(-1);
    record({ signal, type: type.includes('json') ? 'json' : 'pb', transport: 'http', body });
    response.writeHead(200, { 'content-type': type });
    response.end(type.includes('json') ? '{}' : '');
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function startGrpc(record) {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
  const raw = { requestSerialize: (x) => x, requestDeserialize: (x) => x,
                responseSerialize: (x) => x, responseDeserialize: (x) => x,
                requestStream: false, responseStream: false };
  for (const [signal, module] of Object.entries(kSignals)) {
    const service = `${module[0].toUpperCase()}${module.slice(1)}Service`;
    server.addService({ Export: { ...raw, path: methodPath(module, service) } }, {
      Export: (call, done) => {
        record({ signal, type: 'pb', transport: 'grpc', body: call.request });
        done(null, Buffer.alloc(0));
      },
    });
  }
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(),
                     (error, port) => (error ? reject(error) : resolve({ server, port })));
  });
}

// Resolves to {http: URL, grpc: "host:port", requests: [{signal, type, transport, body}], close()}.
export async function startSink() {
  const requests = [];
  const record = (request) => requests.push(request);
  const http = await startHttp(record);
  const { server, port } = await startGrpc(record);
  return {
    http: `http://127.0.0.1:${http.address().port}`,
    grpc: `127.0.0.1:${port}`,
    requests,
    close: () => {
      http.closeAllConnections();
      server.forceShutdown();
      return new Promise((resolve) => http.close(resolve));
    },
  };
}
